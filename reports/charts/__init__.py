"""Charts: one look for all, a module for each kind of answer."""

"""Silicon: how new kinds of it spread, what they take from those in service, and what a token costs on each."""

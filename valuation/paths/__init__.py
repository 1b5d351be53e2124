"""Random paths: what chance does to a case, what is known of it at a date, and what the paths come to."""

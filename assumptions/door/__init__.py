"""What comes in through the door: files, tables, months and numbers with units, and one line for whatever is wrong."""

"""From a case to its written run: evaluate or draw, gather, write, and read back what was written."""

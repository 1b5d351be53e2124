"""Files of a run: results for machines, tables, rows one by one, and a folder that is whole or not there."""

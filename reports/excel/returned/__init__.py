"""Workbooks that come back: opened with care, read, traced to their run, calculated again and verified."""

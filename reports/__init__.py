"""Ways out of the model: tables, files, a screen and a workbook. Nothing here calculates.

`record.compose` gathers one run, `write.write_run` puts every file in a folder, `console` prints to a terminal.
"""

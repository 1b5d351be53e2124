"""Ways out of the model: tables, files, a screen and a workbook. Nothing here calculates.

`record.compose` gathers one run, `files.write` puts every file in a folder, `screen.console` prints to a terminal.
"""

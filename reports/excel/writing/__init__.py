"""How a workbook is written: cells and their addresses, their look, charts, plain sheets."""

"""The plan of the workbook: its sheets, their columns, the cells that others refer to, and what drives them."""

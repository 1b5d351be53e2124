"""The workbook: ledgers live from the as-of date on, every formula with the engine's value beside it."""

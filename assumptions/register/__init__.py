"""Asset registers: rows that somebody else wrote, their events, and their schedule block by block."""

"""Levers: assumptions moved alone, in pairs or all at once until an answer gives way."""

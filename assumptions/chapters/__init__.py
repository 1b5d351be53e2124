"""Chapters of a case: what may be said about parts, demand, sites, books and chance, and what is out of range."""

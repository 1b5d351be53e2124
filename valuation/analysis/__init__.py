"""Readings of what the engine returns, and answers that run it again: gaps, lives, plans, claims."""

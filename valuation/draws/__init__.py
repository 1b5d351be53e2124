"""Draws: random numbers found from their place, how they hang together, and the processes made of them."""

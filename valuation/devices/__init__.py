"""Devices: how many serve and how they fail, what running one costs, and what it is worth."""

"""A run as the exits see it: its figures with the words that go with them, and how they are spelt."""

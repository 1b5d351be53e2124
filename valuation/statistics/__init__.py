"""Statistics that know nothing of hardware: samples, streams of them, intervals, shares, roots."""

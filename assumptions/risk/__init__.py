"""Risk runs: what is drawn, what the draws do to a case, and the blocks of paths that are worked out and kept."""

"""What a terminal shows, and what commands ask and say there."""

"""Cases as files: read, written, overlaid by scenarios, fingerprinted, and listed assumption by assumption."""

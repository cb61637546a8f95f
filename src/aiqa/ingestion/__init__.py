"""Files to the index: which there are, what changed, their chunks."""

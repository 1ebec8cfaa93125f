"""The terminal door: one command is one act."""

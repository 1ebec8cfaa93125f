"""Can a response be believed? Signals with reasons, influence instead of deletion: pure."""

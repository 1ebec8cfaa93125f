"""The phases of a round: the only place where calculation meets storage."""

"""Opt-in answers: bands, models of who answers, and what they are worth beside a sample."""

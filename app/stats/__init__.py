"""Weights and estimates with their uncertainty: pure, from arrays to values."""

"""Invented rounds and attacks on them, to measure what the screening withstands: pure."""

"""Composite scores as people read them: every step, place and gap in words and tables."""

"""A composite score from files: a system and its CSV files in, every step out, no platform."""

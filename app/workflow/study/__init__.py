"""A study: a design file and its CSV files in, estimates out, without the platform."""

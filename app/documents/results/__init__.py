"""A run's result in words, tables and charts: made from its document alone."""

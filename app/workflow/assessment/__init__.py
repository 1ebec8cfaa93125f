"""A composite score over a period: drafted, filled with values and events, run, published."""

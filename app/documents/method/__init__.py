"""The method page, filled in from the result document."""

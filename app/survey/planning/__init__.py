"""Writing a plan step by step: beginnings, edits, rows of a sheet, mistakes in words. Pure."""

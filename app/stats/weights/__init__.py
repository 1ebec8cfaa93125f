"""Weighting steps in the order of a recipe, each remembered so that a variance knows of it."""

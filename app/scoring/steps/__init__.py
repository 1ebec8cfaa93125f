"""The steps of a score, one module each, from matrices of values to grades and places."""

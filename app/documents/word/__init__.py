"""Word templates: what may stand in one, the standard one, and filling one in."""

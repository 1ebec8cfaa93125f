"""How far chance and choices could move scores and places: draws, not formulas."""

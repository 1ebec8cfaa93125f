"""Plans made in the console: begun, checked, filled from sheets, and made a round."""

"""Codes on paper: symbols, posters, tents and stickers, each symbol read back."""

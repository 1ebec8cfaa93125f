"""Indicator systems in the making: edits of plain values, weights that add up, differences."""

"""Scales: whether their items measure one thing."""

"""Rounds in the making: the wizard, its steps, sheets taken in, the check before opening."""

"""The HTTP door: translate, call, render."""

"""Indicator systems in the console: versions, drafts, and the forms that change them."""

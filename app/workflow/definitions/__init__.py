"""Definitions made in the console: drafts of every kind, and their release as a version."""

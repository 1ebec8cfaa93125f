"""Responses collected anywhere, from CSV files: read, examined, written; no platform."""

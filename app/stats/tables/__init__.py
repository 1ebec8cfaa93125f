"""The table of a round: every measure in every domain, and which of it may be shown."""

"""A survey in the making, as plain values: its edits, what to look at again, what changed."""

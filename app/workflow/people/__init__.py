"""People who work here: how they come in, what they hold, what two of them must want."""

"""The signals of the examination in words: what was seen, what is usual, what is innocent."""

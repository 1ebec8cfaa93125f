"""What a score is made of and what would move it: contributions, gaps, change, in words."""

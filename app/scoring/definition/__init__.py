"""What a system file can say, what its words mean, and whether they hold together."""

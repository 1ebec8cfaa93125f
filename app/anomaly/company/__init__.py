"""What a response shares with others: copies, device, network, time, enumerator: pure."""

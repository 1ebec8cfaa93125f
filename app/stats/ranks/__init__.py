"""Who can be told apart: simulated places, rank confidence sets, tiers."""

"""The composite score: normalise, aggregate, adjust, grade, rank, keeping every step: pure."""

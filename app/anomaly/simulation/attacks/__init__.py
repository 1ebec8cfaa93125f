"""The ways in which a survey is cheated, as functions that write false responses: pure."""

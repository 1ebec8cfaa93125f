"""The pages of departments and evaluators."""

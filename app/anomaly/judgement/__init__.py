"""From evidence to influence: scorecards, caps, campaigns, and the doubt that is left: pure."""

"""Campaigns under review: kept with a run, looked at, decided, read by the next run."""

"""Early warnings in fieldwork: what looks unusual now, for somebody to look into."""

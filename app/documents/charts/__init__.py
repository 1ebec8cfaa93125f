"""Charts as SVG from one specification, for a page with a strict policy."""

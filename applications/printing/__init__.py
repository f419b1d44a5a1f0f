"""PDF that people print."""

"""Pages of doubts (A29)."""

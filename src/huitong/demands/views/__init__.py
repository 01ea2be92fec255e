"""Pages of demands (A24, A25)."""

"""Pages of mounting: the lists, and one mount with what may be done with it (A13, A14)."""

"""Pages: the directory for everybody, one's own, and those of the three administrators (A2, A3,
A5, A28)."""

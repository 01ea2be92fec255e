"""Pages of applying, deciding, grants and credentials; the token endpoint."""

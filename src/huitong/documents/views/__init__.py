"""Pages of standing documents."""

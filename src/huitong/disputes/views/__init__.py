"""Pages of disputes (A27)."""

"""Pages of the catalog: find and read entries, compile them, review them, register what they
come from."""

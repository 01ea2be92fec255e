"""The command line and everything that runs the product: database, supervisor, parts, doctor."""

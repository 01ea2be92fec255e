"""One module per command of ``huitong``."""

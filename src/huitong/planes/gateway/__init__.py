"""The API plane: Envoy carries every call; Python configures it, shapes answers and keeps the
evidence (A13, A18, A28, A30)."""

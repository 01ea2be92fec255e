"""Planes move data and decide nothing: each enforces the grants of `access` in its own way (A13,
A28, A30)."""

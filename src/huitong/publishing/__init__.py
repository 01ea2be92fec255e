"""Mounting published entries as database table, API or file, and keeping them updated (A13-A16,
A18)."""

"""Doors that show several contexts: home, shell of every page, sign-in, errors."""

"""The demonstration: a city to act in. Bodies and divisions are real, every person and
enterprise is invented."""

"""The catalog of information resources: systems, entries, items, codes, review, search (A3,
A7-A12, A20)."""

"""Demands for data the catalog does not have: to the body concerned, or to the bureau to find it;
what each body answers, and the entry that answers them (A24, A25)."""

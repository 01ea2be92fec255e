"""Processes of the catalog (A20): the follower that keeps the search index."""

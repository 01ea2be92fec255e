"""Objections: doubts about data and the catalog, raised through the platform, verified by the body
whose data they are, corrected, and evaluated by who raised them (A29)."""

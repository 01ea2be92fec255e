"""The city as it looks after years of use: its catalog, what was asked and granted, what was
delivered. Prepared and written at once, not played."""

"""Sealing, proving, retaining and exporting the ledger: audit of the whole process (A28),
evidence of a case (A34)."""

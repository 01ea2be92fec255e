"""Disputes: provider, consumer and bureau consult, on the record, on what two of them see
differently; the outcome opens the way of the case again, and decides nothing in its place (A27)."""

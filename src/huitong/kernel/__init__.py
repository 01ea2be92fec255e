"""What every context stands on: actor, case, procedure, doing, ledger, working days (A17,
A21-A25, A28)."""

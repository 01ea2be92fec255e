"""Applications, grants, credentials, delivery facts: who may use what (A17-A27, A30)."""

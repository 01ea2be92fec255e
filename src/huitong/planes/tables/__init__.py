"""The table plane: a provider's table and each grantee's copy of what it may have, kept in step
(A13, A28, A29)."""

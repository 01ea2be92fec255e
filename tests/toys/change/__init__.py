"""A change of the law (变更): a clock from an outside day, an extension, a second clock (A11)."""

"""Standing documents: rules, standards, specifications, a department's management rules,
interpretations, circulars (A4, A7, A9, A12, A31, A35)."""

"""A toy procedure (借用会议室): two parties, a clock, a refusal. All it takes for pages, API,
command, to-do, ledger, docs (A22)."""

"""A consultation of three (会商): opinions in parallel, with a limit (A27)."""

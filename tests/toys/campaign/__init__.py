"""A campaign (普查): a part for every body, which together end the whole (A11)."""

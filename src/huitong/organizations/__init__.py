"""Bodies, people, posts, task forces, duties and matters (A2, A3, A5, A6)."""

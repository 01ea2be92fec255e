"""The file plane: whole files, handed to those who hold a grant, checked against their checksum
each time (A13, A28, A30)."""

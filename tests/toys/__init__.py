"""Procedures of two files each, which say what the kernel can: opinions in parallel, clocks from
outside, parts of a whole."""

"""One module per claim. Each runs ours and its peers in turn in one run, prints a table and, last,
one line of JSON.

`make bench-start` runs `benchmarks.start`. A module has `main()`; modules beginning with an
underscore are shared.
"""

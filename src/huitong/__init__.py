"""huitong (汇通): catalog, review, publish, authorize, exchange and supervise government data.

Five words carry the code: context, rules, actions, queries, doors; a plane is a context that also moves data.
See docs/architecture.md.
"""

__version__ = "0.1.0"

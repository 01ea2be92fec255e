"""The look of every page: base templates, components, theme, icons, small scripts, sign-in pages
(A35's usable side).

The lowest room: it imports nothing of huitong, and every other room may use its templates.
`README.md` is the cheat sheet.
"""

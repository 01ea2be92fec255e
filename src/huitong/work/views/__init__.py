"""The pages of the workbench, of every case, of every verb, of notices and files."""

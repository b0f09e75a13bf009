"""Whose row is this: the workspace, the one door into it, and what protects its tables."""

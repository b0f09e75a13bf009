"""Reads about proof. Call them inside the workspace's door."""

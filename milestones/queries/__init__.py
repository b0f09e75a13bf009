"""Reads about engagements. Call them inside the workspace's door."""

"""Every write about proof, by subject. Call them inside the workspace's door."""

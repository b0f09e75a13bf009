"""Every write about engagements, by subject. Call them inside the workspace's door."""

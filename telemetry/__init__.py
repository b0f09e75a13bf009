"""What the tools say, and what it means: connections, deliveries, signals, scores."""

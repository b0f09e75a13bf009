"""What happened, and who was told: the hash-chained journal and the outbox."""

"""On-time probability: the chance that the remaining work ends by the planned date, and how good it was."""

"""What was promised, and was it accepted: engagements, milestones, their work and their gates."""

"""Who must act, and by when: blockers, who answers for them, and their clocks."""

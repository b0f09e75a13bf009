"""Set-based work over many milestones of many workspaces: one statement, never a row at a time."""

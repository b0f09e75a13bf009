"""Who may enter, and when they work: people, roles, invitations, tokens, links, calendars, settings."""

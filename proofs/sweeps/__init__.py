"""Sweeps over all workspaces: what is due is found as role jobs, and done inside its workspace."""

"""What the API serves, one module for each subject."""

"""Tables on their way in: read as they are, recognised by their columns, understood row by row. Pure."""

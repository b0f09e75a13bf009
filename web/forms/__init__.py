"""Forms shape what people type; rules refuse in the actions."""

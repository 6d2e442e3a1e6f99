"""The handlers: one function for each operation of the API, and what they share."""

"""One call, from an operation to a typed answer."""

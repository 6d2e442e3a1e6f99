"""Executes calls: from an operation and its arguments to a typed result or an error."""

"""What answers each operation of the API."""

"""The operations of Kombo, one module a family."""

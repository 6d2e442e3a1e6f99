"""The models of the recruiting family."""

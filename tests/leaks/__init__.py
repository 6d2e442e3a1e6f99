"""That nothing is left behind, and nothing of the caller's is changed or revealed."""

"""`python -m tests.faults` prints the table."""

from .table import markdown

print(markdown())

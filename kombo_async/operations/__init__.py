"""What can be asked of Kombo: for each family its filters and the table of its operations."""

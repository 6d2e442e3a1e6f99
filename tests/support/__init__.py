"""What several test packages use; no tests."""

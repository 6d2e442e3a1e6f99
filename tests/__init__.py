"""The specification of kombo_async, as tests."""

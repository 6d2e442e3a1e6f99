"""Comparing the code with Kombo's published OpenAPI description."""

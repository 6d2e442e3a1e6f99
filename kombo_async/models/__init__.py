"""What Kombo answers and takes, as frozen attrs classes; one module a family, `common` for what they share."""

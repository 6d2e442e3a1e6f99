"""How fast and how frugal `kombo_async` is, beside its peers: `python -m benchmarks`."""

"""The version of the package and the address of its documentation, in a module that imports nothing."""

__version__ = "0.1.0"

DOCUMENTATION = "https://kombo-async.readthedocs.io/en/stable"
"""Where the site is published. The site, errors and `help()` have it from here; README and pyproject.toml repeat it."""

"""What can be asked of the recruiting family."""

from __future__ import annotations

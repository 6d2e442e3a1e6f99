"""What can be asked of the Connect family."""

from __future__ import annotations

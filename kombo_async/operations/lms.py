"""What can be asked of the learning family."""

from __future__ import annotations

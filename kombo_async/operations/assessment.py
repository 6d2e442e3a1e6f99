"""What can be asked of the assessment family."""

from __future__ import annotations

"""What can be asked of the AI Apply family."""

from __future__ import annotations

"""The models of the AI Apply family."""

from __future__ import annotations

"""The models of what only one tool has: DATEV, Silae, Avionté."""

from __future__ import annotations

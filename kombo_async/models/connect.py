"""The models of the Connect family."""

from __future__ import annotations

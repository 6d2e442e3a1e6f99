"""The models of the assessment family."""

from __future__ import annotations

"""The models of the learning family."""

from __future__ import annotations

"""What can be asked of DATEV, Silae and Avionté."""

from __future__ import annotations

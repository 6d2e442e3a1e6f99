"""The models of the HR family."""

from .people import *  # noqa: F403

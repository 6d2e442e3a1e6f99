"""The models of the recruiting family."""

from .applications import *  # noqa: F403
from .attachments import *  # noqa: F403
from .candidates import *  # noqa: F403
from .feedback import *  # noqa: F403
from .jobs import *  # noqa: F403
from .remote_fields import *  # noqa: F403
from .requests import *  # noqa: F403
from .users import *  # noqa: F403

"""The models of the HR family."""

from .absences import *  # noqa: F403
from .forms import *  # noqa: F403
from .organisation import *  # noqa: F403
from .payroll import *  # noqa: F403
from .people import *  # noqa: F403
from .performance import *  # noqa: F403
from .provisioning import *  # noqa: F403
from .remote_fields import *  # noqa: F403
from .requests import *  # noqa: F403
from .skills import *  # noqa: F403
from .staffing import *  # noqa: F403

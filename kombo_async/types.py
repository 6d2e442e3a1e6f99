"""The types in the signatures of this library that are not models, to annotate functions of your own with.

```python
async def count_active(hris: Hris, **filters: Unpack[EmployeeFilters]) -> int:
    filters["employment_statuses"] = ["ACTIVE"]
    return len(await hris.iter_employees(**filters).collect())
```

The families (`Hris`, `Ats`, …) are what `client.hris`, `client.ats`, … return. The filters are the keywords of the
`iter_…` methods, for `**filters: Unpack[…]`; `ModelFilters` are those that every synced model has. Each name is loaded
when it is first used. Models are in `kombo_async.models`, events in `kombo_async.events`.
"""

from typing import TYPE_CHECKING

from ._lazy import lazy_attributes

if TYPE_CHECKING:
    from .client import HTTPMethod
    from .engine.query import (
        ListOptions,
        ModelFilters,
        PageOptions,
    )
    from .families.ai_apply import AiApply
    from .families.assessment import Assessment
    from .families.ats import Ats
    from .families.connect import Connect
    from .families.custom import (
        Avionte,
        Custom,
        Datev,
        Silae,
    )
    from .families.general import PassthroughMethod
    from .families.hris import (
        Hris,
        SkillsTask,
    )
    from .families.lms import (
        CoursesTask,
        Lms,
    )
    from .operations.ai_apply import (
        AiApplyApplicationFilters,
        AiApplyFilters,
        PostingFilters,
        UnifiedJobFilters,
    )
    from .operations.assessment import AssessmentOrderFilters
    from .operations.ats import (
        ApplicationFilters,
        AtsRoleFilters,
        AtsUserFilters,
        CandidateFilters,
        CandidateRecordFilters,
        InterviewFilters,
        JobFilters,
    )
    from .operations.hris import (
        AbsenceFilters,
        EmployeeFilters,
        EmployeeSkillAssignmentFilters,
        GroupFilters,
        NameFilters,
        OneEmployeeFilters,
        PayRunFilters,
        PayslipFilters,
        PerformanceReviewFilters,
        SkillFilters,
        StaffingEntityFilters,
        TimesheetFilters,
    )
    from .operations.lms import (
        CourseProgressionFilters,
        LmsUserFilters,
    )
    from .paging import OnUnreadable

__all__ = [
    "AbsenceFilters",
    "AiApply",
    "AiApplyApplicationFilters",
    "AiApplyFilters",
    "ApplicationFilters",
    "Assessment",
    "AssessmentOrderFilters",
    "Ats",
    "AtsRoleFilters",
    "AtsUserFilters",
    "Avionte",
    "CandidateFilters",
    "CandidateRecordFilters",
    "Connect",
    "CourseProgressionFilters",
    "CoursesTask",
    "Custom",
    "Datev",
    "EmployeeFilters",
    "EmployeeSkillAssignmentFilters",
    "GroupFilters",
    "HTTPMethod",
    "Hris",
    "InterviewFilters",
    "JobFilters",
    "ListOptions",
    "Lms",
    "LmsUserFilters",
    "ModelFilters",
    "NameFilters",
    "OnUnreadable",
    "OneEmployeeFilters",
    "PageOptions",
    "PassthroughMethod",
    "PayRunFilters",
    "PayslipFilters",
    "PerformanceReviewFilters",
    "PostingFilters",
    "Silae",
    "SkillFilters",
    "SkillsTask",
    "StaffingEntityFilters",
    "TimesheetFilters",
    "UnifiedJobFilters",
]

_HOMES = {
    ".client": ("HTTPMethod",),
    ".engine.query": ("ListOptions", "ModelFilters", "PageOptions"),
    ".families.ai_apply": ("AiApply",),
    ".families.assessment": ("Assessment",),
    ".families.ats": ("Ats",),
    ".families.connect": ("Connect",),
    ".families.custom": ("Avionte", "Custom", "Datev", "Silae"),
    ".families.general": ("PassthroughMethod",),
    ".families.hris": ("Hris", "SkillsTask"),
    ".families.lms": ("CoursesTask", "Lms"),
    ".operations.ai_apply": ("AiApplyApplicationFilters", "AiApplyFilters", "PostingFilters", "UnifiedJobFilters"),
    ".operations.assessment": ("AssessmentOrderFilters",),
    ".operations.ats": (
        "ApplicationFilters",
        "AtsRoleFilters",
        "AtsUserFilters",
        "CandidateFilters",
        "CandidateRecordFilters",
        "InterviewFilters",
        "JobFilters",
    ),
    ".operations.hris": (
        "AbsenceFilters",
        "EmployeeFilters",
        "EmployeeSkillAssignmentFilters",
        "GroupFilters",
        "NameFilters",
        "OneEmployeeFilters",
        "PayRunFilters",
        "PayslipFilters",
        "PerformanceReviewFilters",
        "SkillFilters",
        "StaffingEntityFilters",
        "TimesheetFilters",
    ),
    ".operations.lms": ("CourseProgressionFilters", "LmsUserFilters"),
    ".paging": ("OnUnreadable",),
}


# Type checkers would take any name for one of the module's.
if not TYPE_CHECKING:
    # The filters of a family need its models, which take tens of milliseconds to import.
    __getattr__, __dir__ = lazy_attributes(__name__, _HOMES)

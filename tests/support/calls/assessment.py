"""Calls of the assessment family."""

from __future__ import annotations

from datetime import UTC, datetime

from kombo_async.models import (
    AssessmentOrderStatus,
    AssessmentPackageType,
    AssessmentResult,
    AssessmentResultStatus,
    File,
    NewAssessmentPackage,
    SubResultAttribute,
    SubResultScore,
    SubResultStatus,
    TextAttribute,
)

from . import Call

PACKAGES = [
    NewAssessmentPackage(
        id="typing-90", type=AssessmentPackageType.SKILLS_TEST, name="Typing, 90 minutes", description="Speed and care"
    ),
    NewAssessmentPackage(id="hello", type="VIDEO_INTERVIEW", name="Hello", description=""),
]
RESULT = AssessmentResult(
    status=AssessmentResultStatus.COMPLETED,
    result_url="https://results.example.com/r/118",
    completed_at=datetime(2026, 3, 4, 16, 20, tzinfo=UTC),
    score=87.5,
    max_score=100,
    attributes=[
        TextAttribute(label="Impression", value="Calm and exact"),
        SubResultAttribute(
            id="part-2",
            label="Numbers",
            score=SubResultScore(value=18, max=20),
            status=SubResultStatus.COMPLETED,
        ),
    ],
    attachments=[
        File(name="report.pdf", data=b"%PDF-1.7"),
        File.from_url("https://results.example.com/r/118/summary.pdf", content_type="application/pdf"),
    ],
    remote_fields={
        "smartrecruiters": {"scoreLabel": "87.5 of 100"},
        "recruitee": {"subtitle": "Typing"},
        "workday": {
            "Assess_Candidate_Data": {
                "Candidate_Assessment_Data": {
                    "Assess_Candidate_Test_Result_Data": {
                        "Assessment_Test_Status_Reference": {"Assessment_Status_ID": "SATISFACTORY"}
                    }
                }
            }
        },
    },
)

CALLS = [
    Call("assessment.get_packages", lambda c, ids: c.assessment.get_packages()),
    Call("assessment.set_packages", lambda c, ids: c.assessment.set_packages([])),
    Call("assessment.set_packages", lambda c, ids: c.assessment.set_packages(PACKAGES)),
    Call("assessment.iter_orders", lambda c, ids: c.assessment.iter_orders()),
    Call(
        "assessment.iter_orders",
        lambda c, ids: c.assessment.iter_orders(
            ids=[ids.order],
            statuses=[AssessmentOrderStatus.OPEN, "COMPLETED"],
            created_after=datetime(2026, 1, 1, tzinfo=UTC),
            page_size=50,
            read_ahead=False,
        ),
    ),
    Call("assessment.iter_open_orders", lambda c, ids: c.assessment.iter_open_orders()),
    Call("assessment.iter_open_orders", lambda c, ids: c.assessment.iter_open_orders(page_size=50, read_ahead=False)),
    Call(
        "assessment.update_order_result",
        lambda c, ids: c.assessment.update_order_result(
            ids.order, AssessmentResult(status="OPEN", result_url="https://results.example.com/r/118")
        ),
    ),
    # Last, as the order is no longer open after it.
    Call("assessment.update_order_result", lambda c, ids: c.assessment.update_order_result(ids.order, RESULT)),
]

"""Checked by mypy and pyright, never run: what the assessment family gives and takes, and what it refuses.

A line with `type: ignore` or `pyright: ignore` must be an error; a needless one is reported.
"""

from datetime import UTC, date, datetime
from typing import Any, Literal, assert_type

from kombo_async import UNSET, KomboClient, Page, Pager, Reply
from kombo_async.models.assessment import (
    AssessmentApplication,
    AssessmentAttribute,
    AssessmentCandidate,
    AssessmentJob,
    AssessmentOrder,
    AssessmentOrderStatus,
    AssessmentPackage,
    AssessmentPackageType,
    AssessmentResult,
    AssessmentResultRemoteFields,
    AssessmentResultStatus,
    AssessmentTeamMember,
    AssessmentTeamRole,
    NewAssessmentPackage,
    SubResultAttribute,
    SubResultScore,
    SubResultStatusOrStr,
    TextAttribute,
    UnknownAssessmentAttribute,
)
from kombo_async.models.common import File


async def packages(client: KomboClient) -> None:
    assert_type(await client.assessment.get_packages(), tuple[AssessmentPackage, ...])
    for package in await client.assessment.get_packages(integration_id="smartrecruiters:1"):
        assert_type(package.name, str)
        assert_type(package.type, AssessmentPackageType | None)
    new = NewAssessmentPackage(id="p", type=AssessmentPackageType.SKILLS_TEST, name="Python", description="An hour")
    assert_type(await client.assessment.set_packages([new]), Reply[None])
    assert_type(await client.assessment.set_packages((), integration_id=None), Reply[None])
    await client.assessment.get_packages("smartrecruiters:1")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.assessment.get_packages(ids=["p"])  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.assessment.set_packages()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.assessment.set_packages(new)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.assessment.set_packages(None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.assessment.set_packages(UNSET)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.assessment.set_packages([new], "smartrecruiters:1")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.assessment.set_packages([AssessmentPackage(id="p", name="Python", description="An hour")])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    NewAssessmentPackage(id="p", type="SKILLS_TEST", name="Python")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    NewAssessmentPackage(id="p", type=None, name="Python", description="An hour")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


async def orders(client: KomboClient) -> None:
    some = client.assessment.iter_orders(
        ids=["o"],
        statuses=[AssessmentOrderStatus.OPEN, "COMPLETED"],
        created_after=datetime.now(UTC),
        page_size=100,
        cursor=None,
        read_ahead=False,
        integration_id="smartrecruiters:1",
    )
    assert_type(some, Pager[AssessmentOrder])
    assert_type(await some.first_page(), Page[AssessmentOrder])
    assert_type(client.assessment.iter_orders(created_after=date(2026, 1, 1)), Pager[AssessmentOrder])
    assert_type(client.assessment.iter_orders(created_after=None), Pager[AssessmentOrder])
    async for order in client.assessment.iter_orders():
        assert_type(order, AssessmentOrder)
        assert_type(order.status, AssessmentOrderStatus)
        assert_type(order.candidate, AssessmentCandidate)
        assert_type(order.candidate.email, str)
        assert_type(order.application, AssessmentApplication)
        assert_type(order.job, AssessmentJob)
        assert_type(order.job.hiring_team, tuple[AssessmentTeamMember, ...])
        assert_type(order.job.hiring_team[0].hiring_team_roles, tuple[AssessmentTeamRole, ...])
        order.status = AssessmentOrderStatus.COMPLETED  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
    open_orders = client.assessment.iter_open_orders(page_size=10)  # pyright: ignore[reportDeprecated]
    assert_type(open_orders, Pager[AssessmentOrder])
    assert_type(client.assessment.iter_open_orders(), Pager[AssessmentOrder])  # pyright: ignore[reportDeprecated]
    async for order in client.assessment.iter_open_orders():  # pyright: ignore[reportDeprecated]
        assert_type(order, AssessmentOrder)
    client.assessment.iter_orders(status="OPEN")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    client.assessment.iter_orders(statuses="OPEN")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.assessment.iter_orders(ids="o")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.assessment.iter_orders(statuses=[None])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    client.assessment.iter_orders(created_after="2026-01-01")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.assessment.iter_orders(updated_after=None)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    client.assessment.iter_orders(include_deleted=True)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    client.assessment.iter_open_orders(ids=["o"])  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue, reportDeprecated]


async def results(client: KomboClient) -> None:
    result = AssessmentResult(
        status=AssessmentResultStatus.COMPLETED,
        result_url="https://example.com/results/1",
        completed_at=datetime.now(UTC),
        score=87.5,
        max_score=100,
        attributes=[
            TextAttribute(label="Level", value="high"),
            SubResultAttribute(id="s", label="Loops", score=SubResultScore(value=9, max=10), status="COMPLETED"),
        ],
        attachments=[File.from_url("https://example.com/report.pdf")],
        remote_fields={"smartrecruiters": {"scoreLabel": "A"}, "a_newer_tool": {"any": "thing"}},
    )
    AssessmentResult(status="OPEN", result_url="https://example.com/results/1", completed_at=date(2026, 1, 1))
    AssessmentResult(status="OPEN", result_url="https://example.com/results/1", score=UNSET, attributes=UNSET)
    assert_type(await client.assessment.update_order_result("o", result), Reply[None])
    assert_type((await client.assessment.update_order_result("o", result, integration_id=None)).data, None)
    await client.assessment.update_order_result(result)  # type: ignore[arg-type, call-arg]  # pyright: ignore[reportCallIssue]
    await client.assessment.update_order_result("o")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.assessment.update_order_result("o", {"status": "COMPLETED"})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.assessment.update_order_result("o", result, "smartrecruiters:1")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.assessment.update_order_result("o", status="COMPLETED")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    AssessmentResult(status="COMPLETED")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    AssessmentResult(status=None, result_url="u")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    AssessmentResult(status="COMPLETED", result_url="u", completed_at="now")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    AssessmentResult(status="COMPLETED", result_url="u", completed_at=None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    AssessmentResult(status="COMPLETED", result_url="u", score="9")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    AssessmentResult(status="COMPLETED", result_url="u", attributes=[{"type": "TEXT"}])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    AssessmentResult(status="COMPLETED", result_url="u", attributes=TextAttribute(label="l", value="v"))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    TextAttribute(label="Level", value=7)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    TextAttribute(label="Level", value="high", type="SUB_RESULT")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    SubResultAttribute(id="s", label="Loops", score=9, status="COMPLETED")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    fields: AssessmentResultRemoteFields = {"recruitee": {"subtitle": "A"}}
    fields = {"recruitee": {"title": "A"}}  # type: ignore[typeddict-unknown-key]  # pyright: ignore[reportAssignmentType]
    print(fields)


def attribute(given: AssessmentAttribute) -> None:
    match given:
        case TextAttribute(value=value):
            assert_type(given.type, Literal["TEXT"])
            assert_type(value, str)
        case SubResultAttribute(score=score, status=status):
            assert_type(score, SubResultScore)
            assert_type(status, SubResultStatusOrStr)
        case UnknownAssessmentAttribute(raw=raw):
            assert_type(raw, Any)
        case _:
            assert_type(given, AssessmentAttribute)
    print(given.label)  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownArgumentType, reportUnknownMemberType]

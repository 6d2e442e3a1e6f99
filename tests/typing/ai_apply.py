"""Checked by mypy and pyright, never run: what AI Apply gives and takes, and what it refuses.

A line with `type: ignore` or `pyright: ignore` must be an error; a needless one is reported.
"""

from collections.abc import AsyncIterator, Iterator
from datetime import date, datetime
from typing import Any, Literal, assert_type

from kombo_async import UNSET, KomboClient, Page, Pager
from kombo_async.models.ai_apply import (
    AiApplyApplication,
    AiApplyApplicationStatus,
    AiApplyJob,
    AiApplyPosting,
    ApplicationForm,
    CareerSite,
    FormAnswer,
    FormBlock,
    FormCondition,
    FormQuestion,
    FormQuestionCategory,
    FormQuestionKey,
    FormQuestionOption,
    FormQuestionType,
    FormSection,
    JobFeed,
    JobFeedImport,
    JobFeedPosting,
    NewAiApplyApplication,
    PostingArchivedReason,
    PostingAvailability,
    PostingLocation,
    QueuedAiApplyApplication,
    UnknownFormBlock,
)
from kombo_async.models.ats import Applicant, Application, NewApplication
from kombo_async.models.common import File


async def postings(client: KomboClient) -> None:
    assert_type(await client.ai_apply.create_career_site("Example"), CareerSite)
    assert_type(client.ai_apply.iter_career_sites(ids=["s"], page_size=10, cursor=None), Pager[CareerSite])
    async for site in client.ai_apply.iter_career_sites():
        assert_type(site, CareerSite)
        assert_type(site.label, str)
    some = client.ai_apply.iter_postings(career_site_ids=["s"], job_codes=("A-1",), ids=["p"], read_ahead=False)
    assert_type(some, Pager[AiApplyPosting])
    assert_type(await some.first_page(), Page[AiApplyPosting])
    assert_type(client.ai_apply.iter_postings(), Pager[AiApplyPosting])
    async for posting in client.ai_apply.iter_postings():
        assert_type(posting, AiApplyPosting)
        assert_type(posting.availability, PostingAvailability)
        assert_type(posting.archived_at, datetime | None)
        assert_type(posting.archived_reason, PostingArchivedReason | None)
        assert_type(posting.career_site, CareerSite)
    assert_type(await client.ai_apply.create_posting("https://example.com/jobs/1", "s"), AiApplyPosting)
    assert_type(
        await client.ai_apply.create_posting(
            "https://example.com/jobs/1",
            career_site_id="s",
            job_code="A-1",
            location=PostingLocation(country="DE", postal_code=UNSET),
        ),
        AiApplyPosting,
    )
    await client.ai_apply.create_posting("https://example.com/jobs/1", "s", job_code=UNSET, location=None)
    await client.ai_apply.create_career_site()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.ai_apply.create_career_site("Example", integration_id="personio:1")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    client.ai_apply.iter_career_sites(label="Example")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    client.ai_apply.iter_career_sites(ids="s")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.ai_apply.iter_career_sites(integration_id="personio:1")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    client.ai_apply.iter_postings(career_site_ids="s")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.ai_apply.iter_postings(integration_id="personio:1")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    client.ai_apply.iter_career_sites(ids=None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.ai_apply.iter_postings(career_site_id="s")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    client.ai_apply.iter_postings(job_codes=[1])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    client.ai_apply.iter_postings(updated_after=None)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    client.ai_apply.iter_postings(remote_ids=["7"])  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.ai_apply.create_posting("https://example.com/jobs/1")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.ai_apply.create_posting("https://example.com/jobs/1", "s", "A-1")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.ai_apply.create_posting("https://example.com/jobs/1", "s", job_code=None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.ai_apply.create_posting("https://example.com/jobs/1", "s", location="DE")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.ai_apply.create_posting("https://example.com/jobs/1", "s", integration_id="a:1")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    PostingLocation(postal_code="10115")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    PostingLocation(country=None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


async def applying(client: KomboClient) -> None:
    form = await client.ai_apply.inquire("p")
    assert_type(await client.ai_apply.inquire("p"), ApplicationForm)
    assert_type(form.application_form, tuple[FormBlock, ...])
    assert_type(form.questions, tuple[FormQuestion, ...])
    new = NewAiApplyApplication(
        submission_token=form.submission_token,
        candidate_email="ada@example.com",
        screening_question_answers=[
            FormAnswer(question_id="q", answer="text"),
            FormAnswer(question_id="q", answer=True),
            FormAnswer(question_id="q", answer=7),
            FormAnswer(question_id="q", answer=("o1", "o2")),
            FormAnswer(question_id="q", answer=date(2026, 1, 1)),
            FormAnswer(question_id="q", answer=File(name="cv.pdf", data=b"%PDF")),
        ],
        query_params={"utm_source": "us"},
        additional_clicks=3,
        additional_clicks_scatter_duration=UNSET,
    )
    assert_type(await client.ai_apply.apply(new), QueuedAiApplyApplication)
    assert_type((await client.ai_apply.apply(new)).status, AiApplyApplicationStatus)
    assert_type(client.ai_apply.iter_applications(job_posting_ids=["p"], ids=["a"]), Pager[AiApplyApplication])
    async for application in client.ai_apply.iter_applications():
        assert_type(application, AiApplyApplication)
        assert_type(application.status, AiApplyApplicationStatus)
    await client.ai_apply.inquire()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.ai_apply.inquire(None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.ai_apply.inquire("p", integration_id="personio:1")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.ai_apply.apply()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.ai_apply.apply("p", new)  # type: ignore[arg-type, call-arg]  # pyright: ignore[reportCallIssue]
    await client.ai_apply.apply(form)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.ai_apply.apply(new, integration_id="personio:1")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    client.ai_apply.iter_applications(integration_id="personio:1")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    client.ai_apply.iter_applications(posting_ids=["p"])  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    client.ai_apply.iter_applications(job_posting_ids=UNSET)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    NewAiApplyApplication(submission_token="t", candidate_email="ada@example.com")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    NewAiApplyApplication(submission_token="t", candidate_email=None, screening_question_answers=[])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    NewAiApplyApplication(submission_token="t", candidate_email="a", screening_question_answers=[{}])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    FormAnswer(question_id="q")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    FormAnswer(question_id="q", answer=None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    FormAnswer(question_id="q", answer=b"%PDF")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    FormAnswer(question_id="q", answer=[1])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]


def form_block(given: FormBlock) -> None:
    match given:
        case FormQuestion(options=options):
            assert_type(given.block_type, Literal["QUESTION"])
            assert_type(given.question_type, FormQuestionType)
            assert_type(given.category, FormQuestionCategory | None)
            assert_type(given.unified_key, FormQuestionKey | None)
            assert_type(given.display_when, FormCondition | None)
            assert_type(options, tuple[FormQuestionOption, ...])
        case FormSection(label=label, children=children):
            assert_type(label, str)
            assert_type(children, tuple[FormBlock, ...])
        case UnknownFormBlock(raw=raw):
            assert_type(raw, Any)
            print(given.label)  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownArgumentType, reportUnknownMemberType]
        case _:
            assert_type(given, FormBlock)


async def unified(client: KomboClient) -> None:
    jobs = client.ai_apply.iter_jobs(  # pyright: ignore[reportDeprecated]
        career_site_ids=["s"], job_codes=["A-1"], remote_ids=["7"], page_size=5
    )
    assert_type(jobs, Pager[AiApplyJob])
    assert_type(client.ai_apply.iter_jobs(), Pager[AiApplyJob])  # pyright: ignore[reportDeprecated]
    async for job in client.ai_apply.iter_jobs():  # pyright: ignore[reportDeprecated]
        assert_type(job, AiApplyJob)
    ada = Applicant(first_name="Ada", last_name="Lovelace", email_address="ada@example.com")
    new = NewApplication(candidate=ada)
    assert_type(await client.ai_apply.create_application("j", new), Application)  # pyright: ignore[reportDeprecated]
    await client.ai_apply.create_application(  # pyright: ignore[reportDeprecated]
        "j", new, query_params={"utm_source": "us"}
    )
    await client.ai_apply.create_application(new)  # type: ignore[arg-type, call-arg]  # pyright: ignore[reportCallIssue, reportDeprecated]
    await client.ai_apply.create_application("j", ada)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType, reportDeprecated]
    await client.ai_apply.create_application("j", new, query_params=None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType, reportDeprecated]
    await client.ai_apply.create_application("j", new, query_params={"a": 1})  # type: ignore[dict-item]  # pyright: ignore[reportArgumentType, reportDeprecated]
    await client.ai_apply.create_application("j", new, integration_id="a:1")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue, reportDeprecated]
    client.ai_apply.iter_jobs(integration_id="personio:1")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue, reportDeprecated]
    client.ai_apply.iter_jobs(statuses=["OPEN"])  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue, reportDeprecated]


async def feeds(client: KomboClient) -> None:
    posting = JobFeedPosting(
        url="https://example.com/jobs/1",
        career_site_label="Example",
        job_code=UNSET,
        location=PostingLocation(country="DE", postal_code="10115"),
    )

    def some() -> Iterator[JobFeedPosting]:
        yield posting

    async def one_by_one() -> AsyncIterator[JobFeedPosting]:
        yield posting

    def addresses() -> Iterator[str]:
        yield "https://example.com/jobs/1"

    assert_type(client.ai_apply.iter_job_feeds(ids=["f"]), Pager[JobFeed])
    async for feed in client.ai_apply.iter_job_feeds():
        assert_type(feed, JobFeed)
    assert_type(await client.ai_apply.create_job_feed("ours"), JobFeed)
    assert_type(await client.ai_apply.import_job_feed("f", [posting]), JobFeedImport)
    assert_type(await client.ai_apply.import_job_feed("f", some()), JobFeedImport)
    assert_type(await client.ai_apply.import_job_feed("f", one_by_one()), JobFeedImport)
    assert_type((await client.ai_apply.import_job_feed("f", [])).created, int)
    client.ai_apply.iter_job_feeds(integration_id="personio:1")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    client.ai_apply.iter_job_feeds(labels=["ours"])  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.ai_apply.create_job_feed(None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.ai_apply.create_job_feed("ours", "personio:1")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.ai_apply.import_job_feed([posting])  # type: ignore[arg-type, call-arg]  # pyright: ignore[reportCallIssue]
    await client.ai_apply.import_job_feed("f")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.ai_apply.import_job_feed("f", posting)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.ai_apply.import_job_feed("f", addresses())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.ai_apply.import_job_feed("f", one_by_one)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.ai_apply.import_job_feed("f", [{"url": "https://example.com/jobs/1"}])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    await client.ai_apply.import_job_feed("f", [posting], integration_id="personio:1")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    JobFeedPosting(url="https://example.com/jobs/1")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    JobFeedPosting(url="https://example.com/jobs/1", career_site_label="Example", location=None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]

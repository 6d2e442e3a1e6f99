"""Checked by mypy and pyright, never run: what the recruiting family gives and takes, and what it refuses.

A line with `type: ignore` or `pyright: ignore` must be an error; a needless one is reported.
"""

from datetime import UTC, date, datetime
from typing import Any, Literal, assert_type

from kombo_async import UNSET, KomboClient, Page, Pager, Reply
from kombo_async.models.ats import (
    ActionRestrictions,
    ActorRemoteFields,
    AdditionalEmailAddress,
    AnsweredQuestion,
    Applicant,
    Application,
    ApplicationAndCandidateIds,
    ApplicationAndJobIds,
    ApplicationAttachment,
    ApplicationCandidate,
    ApplicationId,
    ApplicationOutcome,
    ApplicationRemoteFields,
    ApplicationRemoteId,
    ApplicationSource,
    ApplicationStage,
    ApplicationSummary,
    AtsRole,
    AtsRoleAssignment,
    AtsRoleScope,
    AtsRoleType,
    AtsUser,
    AtsUserStatus,
    AtsUserSummary,
    Attachment,
    AttachmentLimits,
    AttachmentRemoteFields,
    AttachmentRestrictions,
    AttachmentType,
    BooleanFormat,
    BooleanScreeningAnswer,
    Candidate,
    CandidateAndJobIds,
    CandidateApplication,
    CandidateAttachment,
    CandidateGender,
    CandidateLocation,
    CandidateSummary,
    DateFormat,
    DateScreeningAnswer,
    EmailAddress,
    ErecruiterIds,
    FileFormat,
    FileLocation,
    GdprConsent,
    GreenhouseIds,
    HiringTeamMember,
    ImportedIds,
    InformationFormat,
    Interview,
    InterviewApplication,
    InterviewLocation,
    InterviewLocationType,
    InterviewSummary,
    InterviewUpdate,
    Job,
    JobEmploymentType,
    JobPosting,
    JobStage,
    JobStatus,
    JobVisibility,
    MultiSelectFormat,
    MultiSelectScreeningAnswer,
    NewApplication,
    NewCandidate,
    NewInterview,
    Note,
    NoteContentType,
    NoteRemoteFields,
    NumberFormat,
    NumberScreeningAnswer,
    Offer,
    OfferStatus,
    OfferSummary,
    OnlyfyIds,
    PlacementId,
    QuestionFormat,
    QuestionOption,
    RecruiteeIds,
    RejectionReason,
    RejectionRemoteFields,
    ResultAttribute,
    ResultDetails,
    ResultLinkRemoteFields,
    SalaryExpectations,
    Scorecard,
    ScorecardBoolean,
    ScorecardDate,
    ScorecardMultiSelect,
    ScorecardNumber,
    ScorecardOption,
    ScorecardResponse,
    ScorecardSingleSelect,
    ScorecardText,
    ScreeningAnswer,
    ScreeningChoice,
    ScreeningChoices,
    ScreeningNumber,
    ScreeningQuestion,
    ScreeningQuestionAnswer,
    ScreeningText,
    SingleSelectFormat,
    SingleSelectScreeningAnswer,
    SmartRecruitersIds,
    SocialLink,
    StageRemoteFields,
    StageSummary,
    StoredAttachment,
    SuccessFactorsIds,
    SupportedAttachment,
    Tag,
    TagSummary,
    TextDisplay,
    TextFormat,
    TextScreeningAnswer,
    TrackedApplication,
    TrackedApplicationImport,
    UnknownApplicationIds,
    UnknownAttachmentLimits,
    UnknownQuestionFormat,
    UnknownScorecardResponse,
    UnknownScreeningAnswer,
    UnmappedFormat,
    UnmappedScreeningAnswer,
    UnsupportedAttachment,
)
from kombo_async.models.common import Address, File, ReplyWarning


async def applications(client: KomboClient) -> None:
    some = client.ats.iter_applications(
        outcomes=[ApplicationOutcome.PENDING, "HIRED"],
        job_ids=["j"],
        job_remote_ids=("7",),
        current_stage_ids=["s"],
        remote_created_after=date(2026, 1, 1),
        updated_after=datetime.now(UTC),
        include_deleted=True,
        ids=["a"],
        page_size=50,
        cursor=None,
        read_ahead=True,
        integration_id="greenhouse:1",
    )
    assert_type(some, Pager[Application])
    assert_type(await some.first_page(), Page[Application])
    assert_type(client.ats.iter_applications(remote_created_after=None), Pager[Application])
    async for application in client.ats.iter_applications():
        assert_type(application, Application)
        assert_type(application.outcome, ApplicationOutcome | None)
        assert_type(application.current_stage, StageSummary | None)
        assert_type(application.candidate, ApplicationCandidate | None)
        assert_type(application.screening_question_answers, tuple[ScreeningQuestionAnswer, ...])
        assert_type(application.interviews, tuple[InterviewSummary, ...])
        assert_type(application.offers, tuple[OfferSummary, ...])
        application.outcome = ApplicationOutcome.HIRED  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
    assert_type(await client.ats.get_application_attachments("a"), Reply[tuple[ApplicationAttachment, ...]])
    files = await client.ats.get_application_attachments("a", integration_id="greenhouse:1")
    assert_type(files.warnings, tuple[ReplyWarning, ...])
    for file in files.data:
        assert_type(file.type, AttachmentType)
        assert_type(file.data_url, str)
    client.ats.iter_applications(outcome="HIRED")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    client.ats.iter_applications(outcomes="HIRED")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.ats.iter_applications(job_ids="j")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.ats.iter_applications(outcomes=None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.ats.iter_applications(outcomes=[None])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    client.ats.iter_applications(job_ids=["j", 7])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    client.ats.iter_applications(remote_created_after="2026-01-01")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.ats.iter_applications(ids=UNSET)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.ats.get_application_attachments()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.ats.get_application_attachments("a", "greenhouse:1")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    list(files)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]


def screening_answer(given: ScreeningQuestionAnswer) -> None:
    match given:
        case TextScreeningAnswer(question=question, answer=answer):
            assert_type(question, AnsweredQuestion)
            assert_type(question.title, str | None)
            assert_type(answer, ScreeningText | None)
        case SingleSelectScreeningAnswer(answer=answer):
            assert_type(answer, ScreeningChoice | None)
        case MultiSelectScreeningAnswer(answer=ScreeningChoices(choices=choices)):
            assert_type(given, MultiSelectScreeningAnswer)
            assert_type(choices, tuple[str, ...])
        case BooleanScreeningAnswer():
            assert_type(given, BooleanScreeningAnswer)
            if given.answer is not None:
                assert_type(given.answer.checked, bool | None)
        case NumberScreeningAnswer(answer=ScreeningNumber(number=number)):
            assert_type(number, float | None)
        case DateScreeningAnswer():
            if given.answer:
                assert_type(given.answer.date, datetime | None)
        case UnmappedScreeningAnswer():
            if given.answer:
                assert_type(given.answer.raw, Any)
        case UnknownScreeningAnswer(raw=raw):
            assert_type(raw, Any)
            print(given.question)  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownArgumentType, reportUnknownMemberType]
        case _:
            assert_type(given, ScreeningQuestionAnswer)
    print(given.answer)  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownArgumentType, reportUnknownMemberType]


async def candidates(client: KomboClient) -> None:
    some = client.ats.iter_candidates(
        email="ada@example.com", job_ids=["j"], first_name="Ada", last_name="Lovelace", include_deleted=False
    )
    assert_type(some, Pager[Candidate])
    assert_type(client.ats.iter_candidates(), Pager[Candidate])
    async for candidate in client.ats.iter_candidates():
        assert_type(candidate, Candidate)
        assert_type(candidate.email_addresses, tuple[EmailAddress, ...])
        assert_type(candidate.location, Address | None)
        assert_type(candidate.tags, tuple[TagSummary, ...])
        assert_type(candidate.applications, tuple[ApplicationSummary, ...])
    assert_type(await client.ats.get_candidate_attachments("c"), Reply[tuple[CandidateAttachment, ...]])
    for file in (await client.ats.get_candidate_attachments("c")).data:
        assert_type(file, CandidateAttachment)
        assert_type(file.candidate_id, str)
        assert_type(file.application_id, str | None)
    files: Reply[tuple[ApplicationAttachment, ...]] = await client.ats.get_candidate_attachments("c")
    pager: Pager[ApplicationCandidate] = client.ats.iter_candidates()
    page: Page[ApplicationCandidate] = await client.ats.iter_candidates().first_page()
    print(files, pager, page)
    assert_type(client.ats.iter_tags(remote_ids=["7"]), Pager[Tag])
    async for tag in client.ats.iter_tags():
        assert_type(tag, Tag)
        assert_type(tag.name, str | None)
    client.ats.iter_candidates(email=["ada@example.com"])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.ats.iter_candidates(email=None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.ats.iter_candidates(emails=["ada@example.com"])  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    client.ats.iter_candidates(tag_ids=["t"])  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    client.ats.iter_tags(name_contains="a")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.ats.get_candidate_attachments(candidate=7)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.ats.get_candidate_attachments(None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


async def jobs(client: KomboClient) -> None:
    stages = client.ats.iter_application_stages(ids=["s"])  # pyright: ignore[reportDeprecated]
    assert_type(stages, Pager[ApplicationStage])
    assert_type(client.ats.iter_application_stages(), Pager[ApplicationStage])  # pyright: ignore[reportDeprecated]
    async for stage in client.ats.iter_application_stages():  # pyright: ignore[reportDeprecated]
        assert_type(stage, ApplicationStage)
    some = client.ats.iter_jobs(
        job_codes=["A-1"],
        post_url="https://example.com/jobs/1",
        statuses=[JobStatus.OPEN, "DRAFT"],
        employment_types=[JobEmploymentType.FULL_TIME],
        visibilities=["PUBLIC", JobVisibility.INTERNAL],
        remote_created_after=None,
        name_contains="engineer",
    )
    assert_type(some, Pager[Job])
    assert_type(client.ats.iter_jobs(), Pager[Job])
    async for job in client.ats.iter_jobs():
        assert_type(job, Job)
        assert_type(job.status, JobStatus | None)
        assert_type(job.salary_amount, float | None)
        assert_type(job.opened_at, datetime | None)
        assert_type(job.stages, tuple[JobStage, ...])
        assert_type(job.screening_questions, tuple[ScreeningQuestion, ...])
        assert_type(job.job_postings, tuple[JobPosting, ...])
        assert_type(job.hiring_team, tuple[HiringTeamMember, ...])
        for member in job.hiring_team:
            assert_type(member.hiring_team_roles, tuple[AtsRoleType, ...])
            assert_type(member.job_roles, tuple[AtsRoleAssignment, ...])
        for question in job.screening_questions:
            assert_type(question.format, QuestionFormat | None)
            assert_type(question.precondition_options, tuple[str | bool, ...])
    client.ats.iter_application_stages(job_ids=["j"])  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue, reportDeprecated]
    client.ats.iter_jobs(status="OPEN")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    client.ats.iter_jobs(statuses=[1])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    client.ats.iter_jobs(post_url=None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.ats.iter_jobs(job_codes=7)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.ats.iter_jobs(remote_created_after=2026)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.ats.iter_jobs(name_contains=["a"])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.ats.iter_jobs()  # type: ignore[misc]  # pyright: ignore[reportGeneralTypeIssues]


def question_format(given: QuestionFormat) -> None:
    match given:
        case TextFormat(display_type=display, max_length=most):
            assert_type(given.type, Literal["TEXT"])
            assert_type(display, TextDisplay | None)
            assert_type(most, int | None)
        case NumberFormat(min=least):
            assert_type(least, float | None)
        case FileFormat(accepted_mime_types=kinds):
            assert_type(kinds, tuple[str, ...])
        case SingleSelectFormat(options=options) | MultiSelectFormat(options=options):
            assert_type(options, tuple[QuestionOption, ...])
        case BooleanFormat() | DateFormat() | InformationFormat():
            assert_type(given, BooleanFormat | DateFormat | InformationFormat)
        case UnmappedFormat(raw_question=raw):
            assert_type(raw, Any)
        case UnknownQuestionFormat(raw=raw):
            assert_type(raw, Any)
        case _:
            assert_type(given, QuestionFormat)


async def users(client: KomboClient) -> None:
    assert_type(client.ats.iter_users(emails=["ada@example.com"]), Pager[AtsUser])
    async for user in client.ats.iter_users():
        assert_type(user, AtsUser)
        assert_type(user.status, AtsUserStatus | None)
        assert_type(user.system_roles, tuple[AtsRoleAssignment, ...])
    assert_type(client.ats.iter_roles(scopes=[AtsRoleScope.JOB, "SYSTEM"]), Pager[AtsRole])
    async for role in client.ats.iter_roles():
        assert_type(role, AtsRole)
        assert_type(role.unified_type, AtsRoleType | None)
    client.ats.iter_users(email="ada@example.com")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    client.ats.iter_users(emails="ada@example.com")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.ats.iter_users(emails=None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.ats.iter_roles(scopes=[None])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    client.ats.iter_roles(emails=["ada@example.com"])  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


async def offers_and_interviews(client: KomboClient) -> None:
    assert_type(client.ats.iter_offers(ignore_unsupported_filters=True), Pager[Offer])
    async for offer in client.ats.iter_offers():
        assert_type(offer, Offer)
        assert_type(offer.status, OfferStatus | None)
        assert_type(offer.employment_start_date, datetime | None)
    assert_type(client.ats.iter_rejection_reasons(ids=["r"]), Pager[RejectionReason])
    async for reason in client.ats.iter_rejection_reasons():
        assert_type(reason, RejectionReason)
    assert_type(client.ats.iter_interviews(job_ids=["j"]), Pager[Interview])
    async for interview in client.ats.iter_interviews():
        assert_type(interview, Interview)
        assert_type(interview.users, tuple[AtsUserSummary, ...])
        assert_type(interview.application, InterviewApplication | None)
        if interview.application is not None:
            assert_type(interview.application.candidate, CandidateSummary | None)
    client.ats.iter_offers(statuses=["SENT"])  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    client.ats.iter_offers(updated_after=7)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.ats.iter_rejection_reasons(name_contains="a")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    client.ats.iter_interviews(application_ids=["a"])  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    client.ats.iter_interviews(job_ids=None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


async def notes_and_scorecards(client: KomboClient) -> None:
    assert_type(client.ats.iter_notes(candidate_ids=["c"], application_ids=["a"]), Pager[Note])
    async for note in client.ats.iter_notes():
        assert_type(note, Note)
        assert_type(note.author, AtsUserSummary | None)
    assert_type(client.ats.iter_scorecards(candidate_ids=["c"]), Pager[Scorecard])
    async for scorecard in client.ats.iter_scorecards():
        assert_type(scorecard, Scorecard)
        assert_type(scorecard.responses, tuple[ScorecardResponse, ...])
    assert_type(client.ats.iter_attachments(application_ids=["a"]), Pager[StoredAttachment])
    async for attachment in client.ats.iter_attachments():
        assert_type(attachment, StoredAttachment)
        assert_type(attachment.content_ref, FileLocation | None)
    client.ats.iter_notes(candidate_id="c")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    client.ats.iter_notes(candidate_ids=None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.ats.iter_scorecards(job_ids=["j"])  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    client.ats.iter_attachments(types=["CV"])  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def scorecard_response(given: ScorecardResponse) -> None:
    match given:
        case ScorecardText(answer=answer):
            assert_type(given.label, str | None)
            assert_type(answer, str | None)
        case ScorecardBoolean(answer=checked):
            assert_type(checked, bool | None)
        case ScorecardNumber(answer=number):
            assert_type(number, float | None)
        case ScorecardDate(answer=day):
            assert_type(day, date | None)
        case ScorecardSingleSelect(options=options, answer=chosen):
            assert_type(options, tuple[ScorecardOption, ...])
            assert_type(chosen, ScorecardOption | None)
        case ScorecardMultiSelect(answer=chosen):
            assert_type(chosen, tuple[ScorecardOption, ...])
        case UnknownScorecardResponse(raw=raw):
            assert_type(raw, Any)
            print(given.label)  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownArgumentType, reportUnknownMemberType]
        case _:
            assert_type(given, ScorecardResponse)


async def restrictions(client: KomboClient) -> None:
    assert_type(await client.ats.get_create_candidate_restrictions(), ActionRestrictions)
    assert_type(await client.ats.get_create_application_restrictions(), ActionRestrictions)
    assert_type(await client.ats.get_add_application_attachment_restrictions(), ActionRestrictions)
    found = await client.ats.get_add_candidate_attachment_restrictions(integration_id="greenhouse:1")
    assert_type(await client.ats.get_add_candidate_attachment_restrictions(), ActionRestrictions)
    assert_type(found.attachment_restrictions, AttachmentRestrictions | None)
    if found.attachment_restrictions is not None:
        assert_type(found.attachment_restrictions.total_size_bytes, float | None)
        assert_type(found.attachment_restrictions.types.CV, AttachmentLimits)
    await client.ats.get_create_candidate_restrictions("greenhouse:1")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.ats.get_add_application_attachment_restrictions(integration_id=7)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.ats.get_add_candidate_attachment_restrictions("greenhouse:1")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.ats.get_create_application_restrictions(job_id="j")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def attachment_limits(given: AttachmentLimits) -> None:
    match given:
        case SupportedAttachment(max_amount=most, accepted_mime_types=kinds):
            assert_type(most, float | None)
            assert_type(kinds, tuple[str, ...])
        case UnsupportedAttachment():
            assert_type(given, UnsupportedAttachment)
            print(given.max_amount)  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownArgumentType, reportUnknownMemberType]
        case UnknownAttachmentLimits(raw=raw):
            assert_type(raw, Any)
        case _:
            assert_type(given, AttachmentLimits)


async def new_applications(client: KomboClient) -> None:
    ada = Applicant(
        first_name="Ada",
        last_name="Lovelace",
        email_address="ada@example.com",
        additional_email_addresses=[AdditionalEmailAddress(type="WORK", email_address="ada@example.org")],
        phone_number=UNSET,
        location=CandidateLocation(country="GB", city="London"),
        gender=CandidateGender.FEMALE,
        availability_date=date(2026, 4, 1),
        salary_expectations=SalaryExpectations(period="YEAR", amount=50_000),
        social_links=(SocialLink(url="https://example.com/ada"),),
    )
    Applicant(first_name="A", last_name="L", email_address="a@example.com", availability_date=datetime.now(UTC))
    Applicant(first_name="A", last_name="L", email_address="a@example.com", availability_date=UNSET)
    cv = Attachment(name="cv.pdf", data=b"%PDF", type=AttachmentType.CV)
    assert_type(Attachment.from_path("cv.pdf", type="CV"), Attachment)
    assert_type(Attachment.from_url("https://example.com/cv.pdf", type="CV"), Attachment)
    new = NewApplication(
        candidate=ada,
        attachments=[cv, Attachment.from_url("https://example.com/letter.pdf", type="COVER_LETTER")],
        source=ApplicationSource(name="our board"),
        gdpr_consent=GdprConsent(expires_at=date(2027, 1, 1), given=True),
        screening_question_answers=[
            ScreeningAnswer(question_id="q", answer="text"),
            ScreeningAnswer(question_id="q", answer=True),
            ScreeningAnswer(question_id="q", answer=7.5),
            ScreeningAnswer(question_id="q", answer=["o1", "o2"]),
            ScreeningAnswer(question_id="q", answer=date(2026, 1, 1)),
            ScreeningAnswer(question_id="q", answer=File(name="a.pdf", data=b"%PDF")),
        ],
        remote_fields={"greenhouse": {"candidate": {"tags": ["a"]}}, "a_newer_tool": {}},
        stage_id="s",
    )
    assert_type(await client.ats.create_application("j", new), Reply[Application])
    assert_type((await client.ats.create_application("remote:7", new, integration_id=None)).data.id, str)
    candidate = NewCandidate(candidate=ada, application=CandidateApplication(job_id="j", stage_id=UNSET))
    assert_type(await client.ats.create_candidate(candidate), Reply[Candidate])
    await client.ats.create_application(new)  # type: ignore[arg-type, call-arg]  # pyright: ignore[reportCallIssue]
    await client.ats.create_application("j", candidate)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.ats.create_application("j", candidate=ada)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.ats.create_application("j", new, "greenhouse:1")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.ats.create_application(None, new)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.ats.create_candidate(new)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.ats.create_candidate("j", candidate)  # type: ignore[arg-type, call-arg]  # pyright: ignore[reportCallIssue]
    await client.ats.create_candidate({"candidate": ada})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    NewApplication()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    NewApplication(candidate=None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    NewApplication(ada)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    NewApplication(candidate=ada, stage_id=None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    NewApplication(candidate=ada, attachments=cv)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    NewApplication(candidate=ada, attachments=[File(name="cv.pdf", data=b"%PDF")])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    NewApplication(candidate=ada, job_id="j")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    NewApplication(candidate={"first_name": "Ada"})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    NewCandidate(candidate=ada)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Applicant(first_name="Ada", last_name="Lovelace")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Applicant(first_name="A", last_name="L", email_address="a@example.com", availability_date="now")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Applicant(first_name="A", last_name="L", email_address="a@example.com", availability_date=None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Attachment(name="cv.pdf", data=b"%PDF")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Attachment(name="cv.pdf", data=b"%PDF", type=None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    ScreeningAnswer(question_id="q", answer=None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    ScreeningAnswer(question_id="q", answer=[1, 2])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    ScreeningAnswer(question_id="q", answer=b"%PDF")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


async def writes(client: KomboClient) -> None:
    cv = Attachment(name="cv.pdf", data=b"%PDF", type="CV")
    details = ResultDetails(custom_field_name_prefix="T: ", attributes=[ResultAttribute(key="Score", value="9")])
    assert_type(await client.ats.move_application_to_stage("a", "s"), Reply[None])
    assert_type(
        await client.ats.move_application_to_stage("a", "s", remote_fields={"workday": {"Workflow_Step_ID": "7"}}),
        Reply[None],
    )
    assert_type(await client.ats.reject_application("a", "r"), Reply[None])
    assert_type(await client.ats.reject_application("a", "r", note="no", remote_fields=UNSET), Reply[None])
    assert_type(await client.ats.add_application_note("a", "text"), Reply[None])
    assert_type(
        await client.ats.add_application_note("a", "text", content_type=NoteContentType.PLAIN_TEXT), Reply[None]
    )
    assert_type(await client.ats.add_application_attachment("a", cv), Reply[None])
    assert_type(await client.ats.add_application_result_link("a", label="l", url="u"), Reply[None])
    assert_type(await client.ats.add_application_result_link("a", label="l", url="u", details=details), Reply[None])
    assert_type(await client.ats.add_candidate_attachment("c", cv), Reply[None])
    assert_type(await client.ats.add_candidate_result_link("c", label="l", url="u", details=UNSET), Reply[None])
    assert_type(await client.ats.add_candidate_tag("c", "good"), Reply[None])
    assert_type(await client.ats.remove_candidate_tag("c", "good", integration_id="greenhouse:1"), Reply[None])
    assert_type((await client.ats.remove_candidate_tag("c", "good")).data, None)
    await client.ats.move_application_to_stage("a")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.ats.move_application_to_stage("a", None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.ats.move_application_to_stage("a", "s", "greenhouse:1")  # type: ignore[arg-type, call-arg]  # pyright: ignore[reportCallIssue]
    await client.ats.move_application_to_stage("a", stage="s")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.ats.reject_application("a")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.ats.reject_application("a", "r", "no")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.ats.reject_application("a", "r", note=None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.ats.add_application_note("a")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.ats.add_application_note("a", "text", content_type=None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.ats.add_application_attachment("a", File(name="cv.pdf", data=b"%PDF"))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.ats.add_application_attachment(cv)  # type: ignore[arg-type, call-arg]  # pyright: ignore[reportCallIssue]
    await client.ats.add_application_result_link("a", "l", "u")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.ats.add_application_result_link("a", label="l")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.ats.add_application_result_link("a", label="l", url="u", details={"Score": "9"})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.ats.add_candidate_attachment("c", "cv.pdf")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.ats.add_candidate_result_link(label="l", url="u")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.ats.add_candidate_tag("c")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.ats.add_candidate_tag("c", ["good"])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.ats.add_candidate_tag("c", tag_id="t")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.ats.remove_candidate_tag("c", None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.ats.remove_candidate_tag("c", "good", remote_fields=None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    ResultDetails(custom_field_name_prefix="T: ")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


async def interviews(client: KomboClient) -> None:
    place = InterviewLocation(type=InterviewLocationType.VIRTUAL, address="https://example.com/room")
    start, end = datetime(2026, 3, 2, 9, tzinfo=UTC), datetime(2026, 3, 2, 10, tzinfo=UTC)
    new = NewInterview(
        title="Talk",
        start_time=start,
        end_time=end,
        interviewer_user_ids=["u"],
        organizer_user_id="u",
        location=place,
    )
    update = InterviewUpdate(
        interview_id="i",
        title="Talk",
        start_time=start,
        end_time=end,
        interviewer_user_ids=(),
        organizer_user_id="u",
        location=place,
    )
    NewInterview(
        title="Talk",
        start_time=start,
        end_time=end,
        interviewer_user_ids="u",  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        organizer_user_id="u",
        location=place,
    )
    assert_type(new.start_time, datetime)
    assert_type(await client.ats.create_interview("a", new), Reply[None])
    assert_type(await client.ats.update_interview("a", update, integration_id=None), Reply[None])
    await client.ats.create_interview(new)  # type: ignore[arg-type, call-arg]  # pyright: ignore[reportCallIssue]
    await client.ats.update_interview("a", new)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.ats.update_interview(update)  # type: ignore[arg-type, call-arg]  # pyright: ignore[reportCallIssue]
    await client.ats.create_interview("a", Interview(id="i"))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    NewInterview(title="Talk", start_time=start, end_time=end, interviewer_user_ids=["u"], location=place)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    new.title = "Chat"  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]


async def tracked_applications(client: KomboClient) -> None:
    known = TrackedApplicationImport(
        tracked_at=None,
        greenhouse=ApplicationId(application_id="7"),
        onlyfy=ApplicationId(application_id="7"),
        recruitee=PlacementId(placement_id="7"),
        erecruiter=ApplicationAndJobIds(application_remote_id="7", job_remote_id="8"),
        successfactors=ApplicationRemoteId(application_remote_id="7"),
        smartrecruiters=CandidateAndJobIds(candidate_remote_id="7", job_remote_id="8"),
        greenhousev3=UNSET,
    )
    TrackedApplicationImport(tracked_at=datetime.now(UTC), greenhouse=ApplicationId(application_id="7"))
    assert_type(await client.ats.import_tracked_application(known), Reply[TrackedApplication])
    tracked = (await client.ats.import_tracked_application(known, integration_id="greenhouse:1")).data
    assert_type(tracked.imported_id, ImportedIds)
    assert_type(tracked.imported_id.recruitee, RecruiteeIds | None)
    assert_type(tracked.imported_id.greenhouse, GreenhouseIds | None)
    assert_type(tracked.imported_id.onlyfy, OnlyfyIds | None)
    assert_type(tracked.imported_id.smartrecruiters, SmartRecruitersIds | None)
    assert_type(tracked.imported_id.successfactors, SuccessFactorsIds | None)
    match tracked.imported_id.erecruiter:
        case ApplicationAndJobIds(job_remote_id=job):
            assert_type(job, str)
        case ApplicationAndCandidateIds(candidate_remote_id=candidate):
            assert_type(candidate, str)
        case UnknownApplicationIds(raw=raw):
            assert_type(raw, Any)
        case other:
            assert_type(other, ErecruiterIds | None)
    await client.ats.import_tracked_application("a")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.ats.import_tracked_application(greenhouse=ApplicationId(application_id="7"))  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    TrackedApplicationImport(greenhouse=ApplicationId(application_id="7"))  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    TrackedApplicationImport(tracked_at=None, greenhouse=PlacementId(placement_id="7"))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    TrackedApplicationImport(tracked_at=None, recruitee=ApplicationId(application_id="7"))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    TrackedApplicationImport(tracked_at=None, greenhouse={"application_id": "7"})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    TrackedApplicationImport(tracked_at="now", greenhouse=ApplicationId(application_id="7"))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    ApplicationId(application_id="7", id_type="placement_id")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def imported_ids(ids: ImportedIds) -> None:
    match ids.greenhouse, ids.onlyfy:
        case ApplicationId(application_id=one), ApplicationId(application_id=other):
            assert_type(one, str)
            assert_type(other, str)
        case _:
            pass
    match ids.recruitee:
        case PlacementId(placement_id=placement):
            assert_type(placement, str)
        case other_ids:
            assert_type(other_ids, RecruiteeIds | None)
    match ids.successfactors, ids.smartrecruiters:
        case ApplicationRemoteId(application_remote_id=application), None:
            assert_type(application, str)
        case None, CandidateAndJobIds(candidate_remote_id=candidate, job_remote_id=job):
            assert_type(candidate, str)
            assert_type(job, str)
        case _:
            pass


def remote_fields() -> None:
    # Where a literal is passed, any key and value is taken. Who wants known keys checked says their type.
    actor: ActorRemoteFields = {"greenhouse": {"post_headers": {"On-Behalf-Of": "7"}}}
    stage: StageRemoteFields = {"workday": {"Step_Type": "Next_Step_Reference"}, "workable": {}}
    attachment: AttachmentRemoteFields = {"oracle": {"override_document_category": "MISC"}}
    link: ResultLinkRemoteFields = {"icims": {"assessment_package_id": "7"}, "talent360": {"user_id": "7"}}
    note: NoteRemoteFields = {"greenhouse": {"visibility": "private"}, "bullhorn": {"action": "Call"}}
    rejection: RejectionRemoteFields = {"greenhousev3": {"rejection_email": {"template": 7}}}
    application: ApplicationRemoteFields = {
        "workday": {"Candidate_Data": {"Language_Reference": {"WID": "7"}}},
        "covetorest": {"candidate": {"aktiv": "Ja", "status": 1}},
        "recruitcrm": {"custom_fields": [{"field_id": 7, "value": "a"}]},
    }
    actor = {"greenhouse": {"post_headers": {"On-Behalf-Of": 7}}}  # type: ignore[typeddict-item]  # pyright: ignore[reportAssignmentType]
    stage = {"workday": {"Step_Type": "Back"}}  # type: ignore[typeddict-item]  # pyright: ignore[reportAssignmentType]
    attachment = {"oracle": {"override_document_category": "CV"}}  # type: ignore[typeddict-item]  # pyright: ignore[reportAssignmentType]
    link = {"icims": {"package_id": "7"}}  # type: ignore[typeddict-unknown-key]  # pyright: ignore[reportAssignmentType]
    note = {"greenhouse": {"visibility": "secret"}}  # type: ignore[typeddict-item]  # pyright: ignore[reportAssignmentType]
    rejection = {"teamtailor": {"user": "7"}}  # type: ignore[typeddict-unknown-key]  # pyright: ignore[reportAssignmentType]
    application = {"covetorest": {"candidate": {"aktiv": "Yes"}}}  # type: ignore[typeddict-item]  # pyright: ignore[reportAssignmentType]
    print(actor, stage, attachment, link, note, rejection, application)

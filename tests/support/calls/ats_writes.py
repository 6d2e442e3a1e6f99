"""What is written to the recruiting tool."""

from __future__ import annotations

from datetime import UTC, date, datetime

from kombo_async.models import (
    AdditionalEmailAddress,
    AdditionalPhoneNumber,
    Applicant,
    ApplicationAndCandidateIds,
    ApplicationAndJobIds,
    ApplicationId,
    ApplicationRemoteId,
    ApplicationSource,
    Attachment,
    AttachmentType,
    CandidateAndJobIds,
    CandidateApplication,
    CandidateGender,
    CandidateLocation,
    ContactType,
    File,
    GdprConsent,
    InterviewLocation,
    InterviewLocationType,
    InterviewUpdate,
    NewApplication,
    NewCandidate,
    NewInterview,
    NoteContentType,
    PlacementId,
    ResultAttribute,
    ResultDetails,
    SalaryExpectationPeriod,
    SalaryExpectations,
    ScreeningAnswer,
    SocialLink,
    SourcedBy,
    TrackedApplicationImport,
)
from kombo_async.models.ats import (
    ActorRemoteFields,
    ApplicationRemoteFields,
    AttachmentRemoteFields,
    NoteRemoteFields,
    RejectionRemoteFields,
    ResultLinkRemoteFields,
    StageRemoteFields,
)

from . import Call

MOMENT = datetime(2026, 3, 4, 9, 30, tzinfo=UTC)
APPLICANT = Applicant(first_name="Ilse", last_name="Novak", email_address="ilse.novak@example.com")
WHOLE_APPLICANT = Applicant(
    first_name="Ilse",
    last_name="Novak",
    email_address="ilse.novak@example.com",
    additional_email_addresses=[
        AdditionalEmailAddress(type=ContactType.WORK, email_address="i.novak@tannenhof.example.com")
    ],
    company="Tannenhof GmbH",
    title="Gardener",
    phone_number="+43 660 1234567",
    additional_phone_numbers=[AdditionalPhoneNumber(type="PERSONAL", phone_number="+43 1 5123456")],
    location=CandidateLocation(
        country="AT", city="Wien", state="Wien", street_1="Gumpendorfer Straße 12", zip_code="1060"
    ),
    gender=CandidateGender.FEMALE,
    availability_date=date(2026, 5, 1),
    salary_expectations=SalaryExpectations(period=SalaryExpectationPeriod.YEAR, amount=42000),
    social_links=[SocialLink(url="https://social.example.com/ilse")],
)
ATTACHMENTS = [
    Attachment(name="cv.pdf", data=b"%PDF-1.7", type=AttachmentType.CV),
    Attachment.from_url("https://files.example.com/letter.pdf", type="COVER_LETTER"),
]
SOURCE = ApplicationSource(name="Green Jobs", unified_key="green-jobs", id="17")
CONSENT = GdprConsent(expires_at=datetime(2027, 3, 4, tzinfo=UTC), given=True)
ANSWERS = [
    ScreeningAnswer(question_id="q-text", answer="Because of the roses"),
    ScreeningAnswer(question_id="q-yes-or-no", answer=True),
    ScreeningAnswer(question_id="q-number", answer=7.5),
    ScreeningAnswer(question_id="q-several", answer=["o-1", "o-3"]),
    ScreeningAnswer(question_id="q-day", answer=date(2026, 5, 1)),
    ScreeningAnswer(question_id="q-moment", answer=MOMENT),
    ScreeningAnswer(question_id="q-file", answer=File(name="garden.png", data=b"\x89PNG")),
    ScreeningAnswer(question_id="q-file-elsewhere", answer=File.from_url("https://files.example.com/roses.png")),
]
ACTOR: ActorRemoteFields = {
    "greenhouse": {"post_headers": {"On-Behalf-Of": "4401"}},
    "workable": {"on_behalf_of_user_remote_id": "u-8"},
}
STAGE: StageRemoteFields = {
    **ACTOR,
    "workday": {"Workflow_Step_ID": "offer", "Step_Type": "Next_Step_Reference"},
    "successfactors": {"JobApplication": {"custEventReason": "12"}},
}
REJECTION: RejectionRemoteFields = {
    "greenhouse": {
        "rejection_email": {"send_email_at": "2026-03-05T08:00:00Z"},
        "post_headers": {"On-Behalf-Of": None},
    },
    "greenhousev3": {"rejection_email": {"template_id": 5}},
    "teamtailor": {"user_id": "31"},
    "workable": {"on_behalf_of_user_remote_id": "u-8"},
}
NOTE: NoteRemoteFields = {
    "teamtailor": {"user_id": "31"},
    "greenhouse": {"visibility": "private", "post_headers": {"On-Behalf-Of": "4401"}},
    "greenhousev3": {"visibility": "public"},
    "recruitee": {"visibility": {"level": "public"}, "is_json": False},
    "bullhorn": {"action": "Phone call"},
    "lever": {"perform_as": "l-2"},
    "talent360": {"user_id": "7"},
    "workable": {"on_behalf_of_user_remote_id": "u-8"},
}
FILING: AttachmentRemoteFields = {
    **ACTOR,
    "oracle": {"override_document_category": "MISC", "multi_post_to_all_current_applications": True},
}
LINK: ResultLinkRemoteFields = {
    **ACTOR,
    "icims": {"assessment_package_id": "p-3"},
    "oracle": {"override_document_category": "IRC_INTERNAL", "multi_post_to_all_current_applications": False},
    "talent360": {"user_id": "7"},
}
DETAILS = ResultDetails(custom_field_name_prefix="Acme:", attributes=[ResultAttribute(key="Score", value="90 %")])
APPLICATION: ApplicationRemoteFields = {
    "successfactors": {
        "Candidate": {"cellPhone": "+43 660 1234567"},
        "JobApplication": {"source": "web"},
        "copyJobApplicationAttachments": True,
        "update_existing_candidate": None,
    },
    "personio": {"application": {"phase": "new"}},
    "talentsoft": {"applicant": {"civility": 1}, "application": {"type": 2}},
    "teamtailor": {"candidate": {"pitch": "Hello"}, "application": {"attributes": {"cover-letter": "Hello"}}},
    "greenhouse": {
        "candidate": {"is_private": False},
        "application": {"referrer": {"type": "id", "value": 5}},
        "post_headers": {"On-Behalf-Of": "4401"},
    },
    "greenhousev3": {"candidate": {"tags": ["garden"]}, "application": {"source_id": 5}},
    "lever": {"candidate": {"tags": "garden"}},
    "workable": {"candidate": {"summary": "Gardener"}, "on_behalf_of_user_remote_id": "u-8"},
    "workday": {
        "Candidate_Data": {
            "Name_Detail_Data": {
                "Middle_Name": "Maria",
                "Social_Suffix_Reference": {"Predefined_Name_Component_ID": "MSC"},
            },
            "Language_Reference": {"WID": "w-de"},
            "Job_Application_Data": {
                "Job_Applied_To_Data": {"Global_Personal_Information_Data": {"Date_of_Birth": "1991-08-17"}},
                "Resume_Data": {
                    "Education_Data": [
                        {
                            "School_Name": "HBLFA Schönbrunn",
                            "First_Year_Attended": 2005,
                            "Last_Year_Attended": 2010,
                            "Field_of_Study_Reference": {"WID": "w-garden"},
                            "Degree_Reference": {"WID": "w-matura"},
                            "Grade_Average": "1.4",
                        }
                    ],
                    "Skill_Data": [{"Skill_Name": "Grafting"}],
                    "Language_Data": [
                        {
                            "Language_Reference": {"WID": "w-de"},
                            "Language": {
                                "Native": True,
                                "Language_Ability": [
                                    {
                                        "Language_Ability_Data": {
                                            "Language_Proficiency_Reference": {"WID": "w-fluent"},
                                            "Language_Ability_Type_Reference": {"WID": "w-speaking"},
                                        }
                                    }
                                ],
                            },
                        }
                    ],
                    "Experience_Data": [
                        {
                            "Company_Name": "Tannenhof GmbH",
                            "Title": "Gardener",
                            "Location": "Wien",
                            "Start_Date": date(2011, 4, 1),
                            "End_Date": MOMENT,
                            "Currently_Work_Here": False,
                            "Description": "Roses",
                        }
                    ],
                },
            },
            "Contact_Data": {
                "Location_Data": {
                    "Address_Line_1": "Gumpendorfer Straße 12",
                    "Address_Line_2": "Top 7",
                    "Postal_Code": "1060",
                    "Region_Subdivision_1": "Mariahilf",
                    "Country_Region_Reference": {"Country_Region_ID": "AUT-9"},
                    "Country_City_Reference": {"WID": "w-wien"},
                }
            },
            "Worker_Reference": {"WID": "w-worker", "Employee_ID": "00118"},
        },
        "Override_Source_Reference_WID": "w-source",
    },
    "zohorecruit": {"candidate": {"Skill_Set": "Roses"}},
    "bullhorn": {
        "candidate": {"status": "New"},
        "job_submission": {"source": "web"},
        "existing_candidate_remote_id": "9001",
    },
    "smartrecruiters": {
        "candidate_with_questions": {"internal": False},
        "candidate_without_questions": {"internal": False},
        "candidate": {"internal": False},
        "consent_decisions": {
            "SINGLE": True,
            "SMART_RECRUIT": True,
            "SMART_CRM": False,
            "SMART_MESSAGE_SMS": False,
            "SMART_MESSAGE_WHATSAPP": False,
        },
    },
    "talentadore": {"applications": {"language": "de"}},
    "guidecom": {"candidate": {"salutation": "Frau"}},
    "dvinci": {"application": {"source": "web"}, "candidate": {"dateOfBirth": "1991-08-17"}},
    "hrworks": {"jobApplication": {"note": "Hello"}},
    "jobylon": {"application": {"message": "Hello"}},
    "avature": {"candidate": {"shift": "early"}, "workflow": {"step": {"id": 12}}},
    "recruitee": {"candidate": {"cover_letter_text": "Hello"}},
    "rexx": {"candidate": {"anrede": "2"}},
    "umantis": {"person": {"salutation": "Frau"}},
    "piloga": {"candidate": {"street": "Gumpendorfer Straße 12", "geburtsdatum": date(1991, 8, 17)}},
    "pinpoint": {"candidate": {"summary": "Gardener"}},
    "covetorest": {"candidate": {"mandant": 1, "status": 4, "aktiv": "Ja"}},
    "afas": {"Fields": {"Rmrk": "Hello"}},
    "recruitcrm": {
        "custom_fields": [
            {
                "field_id": 3,
                "value": "Roses",
                "entity_type": "candidate",
                "field_name": "Favourite",
                "field_type": "text",
            }
        ]
    },
}


def interview(user: str) -> NewInterview:
    return NewInterview(
        title="First talk",
        start_time=MOMENT,
        end_time=MOMENT.replace(hour=10),
        interviewer_user_ids=[user],
        organizer_user_id=user,
        location=InterviewLocation(type=InterviewLocationType.VIRTUAL, address="wherever you are"),
    )


def changed_interview(interview_id: str, user: str) -> InterviewUpdate:
    return InterviewUpdate(
        interview_id=interview_id,
        title="First talk, moved",
        start_time=MOMENT.replace(day=5),
        end_time=MOMENT.replace(day=5, hour=10),
        interviewer_user_ids=[user],
        organizer_user_id=user,
        location=InterviewLocation(type="PHYSICAL", address="Gumpendorfer Straße 12, Wien"),
    )


WRITES = [
    Call(
        "ats.create_application",
        lambda c, ids: c.ats.create_application(ids.job, NewApplication(candidate=APPLICANT)),
    ),
    Call(
        "ats.create_application",
        lambda c, ids: c.ats.create_application(
            ids.job,
            NewApplication(
                candidate=WHOLE_APPLICANT,
                stage_id=ids.stage,
                attachments=ATTACHMENTS,
                source=SOURCE,
                sourced_by=SourcedBy(user_id=ids.user),
                gdpr_consent=CONSENT,
                screening_question_answers=ANSWERS,
                remote_fields=APPLICATION,
            ),
        ),
    ),
    Call(
        "ats.create_candidate",
        lambda c, ids: c.ats.create_candidate(
            NewCandidate(candidate=APPLICANT, application=CandidateApplication(job_id=ids.job))
        ),
    ),
    Call(
        "ats.create_candidate",
        lambda c, ids: c.ats.create_candidate(
            NewCandidate(
                candidate=WHOLE_APPLICANT,
                application=CandidateApplication(job_id=ids.job, stage_id=ids.stage),
                attachments=ATTACHMENTS,
                source=SOURCE,
                sourced_by=SourcedBy(user_id=ids.user),
                gdpr_consent=CONSENT,
                screening_question_answers=ANSWERS,
                remote_fields=APPLICATION,
            )
        ),
    ),
    Call(
        "ats.import_tracked_application",
        lambda c, ids: c.ats.import_tracked_application(
            TrackedApplicationImport(tracked_at=None, successfactors=ApplicationRemoteId(application_remote_id="1187"))
        ),
    ),
    Call(
        "ats.import_tracked_application",
        lambda c, ids: c.ats.import_tracked_application(
            TrackedApplicationImport(
                tracked_at=MOMENT, erecruiter=ApplicationAndJobIds(application_remote_id="1187", job_remote_id="55")
            )
        ),
    ),
    Call(
        "ats.import_tracked_application",
        lambda c, ids: c.ats.import_tracked_application(
            TrackedApplicationImport(
                tracked_at=date(2026, 3, 4),
                erecruiter=ApplicationAndCandidateIds(candidate_remote_id="804", application_remote_id="1187"),
                successfactors=ApplicationRemoteId(application_remote_id="1187"),
                recruitee=PlacementId(placement_id="70"),
                greenhouse=ApplicationId(application_id="1187"),
                greenhousev3=ApplicationId(application_id="1187"),
                onlyfy=ApplicationId(application_id="1187"),
                smartrecruiters=CandidateAndJobIds(candidate_remote_id="804", job_remote_id="55"),
            )
        ),
    ),
    Call(
        "ats.move_application_to_stage",
        lambda c, ids: c.ats.move_application_to_stage(ids.application, ids.stage),
    ),
    Call(
        "ats.move_application_to_stage",
        lambda c, ids: c.ats.move_application_to_stage(ids.application, ids.stage, remote_fields=STAGE),
    ),
    Call(
        "ats.add_application_note",
        lambda c, ids: c.ats.add_application_note(ids.application, "Called, will come on Friday"),
    ),
    Call(
        "ats.add_application_note",
        lambda c, ids: c.ats.add_application_note(
            ids.application, "Called again", content_type=NoteContentType.PLAIN_TEXT, remote_fields=NOTE
        ),
    ),
    Call(
        "ats.add_application_attachment",
        lambda c, ids: c.ats.add_application_attachment(ids.application, ATTACHMENTS[0]),
    ),
    Call(
        "ats.add_application_attachment",
        lambda c, ids: c.ats.add_application_attachment(ids.application, ATTACHMENTS[1], remote_fields=FILING),
    ),
    Call(
        "ats.add_application_result_link",
        lambda c, ids: c.ats.add_application_result_link(
            ids.application, label="Typing", url="https://results.example.com/r/118"
        ),
    ),
    Call(
        "ats.add_application_result_link",
        lambda c, ids: c.ats.add_application_result_link(
            ids.application,
            label="Typing",
            url="https://results.example.com/r/118",
            details=DETAILS,
            remote_fields=LINK,
        ),
    ),
    Call(
        "ats.create_interview",
        lambda c, ids: c.ats.create_interview(ids.application, interview(ids.user)),
    ),
    Call(
        "ats.update_interview",
        lambda c, ids: c.ats.update_interview(ids.application, changed_interview(ids.interview, ids.user)),
    ),
    Call(
        "ats.add_candidate_attachment",
        lambda c, ids: c.ats.add_candidate_attachment(ids.candidate, ATTACHMENTS[0]),
    ),
    Call(
        "ats.add_candidate_attachment",
        lambda c, ids: c.ats.add_candidate_attachment(ids.candidate, ATTACHMENTS[1], remote_fields=ACTOR),
    ),
    Call(
        "ats.add_candidate_result_link",
        lambda c, ids: c.ats.add_candidate_result_link(
            ids.candidate, label="Typing", url="https://results.example.com/r/118"
        ),
    ),
    Call(
        "ats.add_candidate_result_link",
        lambda c, ids: c.ats.add_candidate_result_link(
            ids.candidate, label="Typing", url="https://results.example.com/r/118", details=DETAILS, remote_fields=LINK
        ),
    ),
    Call(
        "ats.add_candidate_tag",
        lambda c, ids: c.ats.add_candidate_tag(ids.candidate, "Green thumb"),
    ),
    Call(
        "ats.add_candidate_tag",
        lambda c, ids: c.ats.add_candidate_tag(ids.candidate, "Green thumb", remote_fields=ACTOR),
    ),
    Call(
        "ats.remove_candidate_tag",
        lambda c, ids: c.ats.remove_candidate_tag(ids.candidate, "Green thumb"),
    ),
    Call(
        "ats.remove_candidate_tag",
        lambda c, ids: c.ats.remove_candidate_tag(ids.candidate, "Green thumb", remote_fields=ACTOR),
    ),
    Call(
        "ats.reject_application",
        lambda c, ids: c.ats.reject_application(ids.application, ids.rejection_reason),
    ),
    Call(
        "ats.reject_application",
        lambda c, ids: c.ats.reject_application(
            ids.application, ids.rejection_reason, note="The roses wilted", remote_fields=REJECTION
        ),
    ),
]

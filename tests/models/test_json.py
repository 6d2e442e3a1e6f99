"""`kombo_async.json`: models as JSON and back, and their schemas."""

from __future__ import annotations

import json as stdlib_json
from datetime import date
from typing import Any

import attrs
import jsonschema
import pytest

from kombo_async import json, webhooks
from kombo_async.models.ats import Application, CandidateApplication, ScreeningAnswer
from kombo_async.models.common import File
from kombo_async.models.hris import Absence, Employee, NewAbsence
from kombo_async.models.webhooks import Event

from ..support.for_each import for_each
from ..support.model_examples import full, minimal
from ..support.webhook_samples import body
from .test_models import ANSWERS, decode


# A variant that is not known is decoded by its base, which chooses the class.
@for_each("model", [each for each in ANSWERS if not each.__name__.startswith("Unknown")])
def test_encoded_model_is_decoded_to_an_equal_one_and_fits_its_schema(model: type[Any]) -> None:
    validator = jsonschema.Draft202012Validator(json.schema(model))
    for example in (minimal(model), full(model)):
        record = decode(model, example)
        encoded = json.encode(record)
        assert json.decode(encoded, model) == record
        assert stdlib_json.loads(encoded) == json.to_dict(record)
        validator.validate(json.to_dict(record))


def test_keys_are_in_the_order_of_the_fields() -> None:
    names = [field.name for field in attrs.fields(Employee)]
    assert list(stdlib_json.loads(json.encode(decode(Employee, full(Employee))))) == names
    assert list(json.schema(Employee)["$defs"]["Employee"]["properties"]) == names


def test_unknown_variant_and_unknown_enum_value_are_written_unchanged() -> None:
    answer = {"question": {"type": "HOLOGRAM"}, "answer": {"beam": 1}}
    record = decode(Application, {"id": "a", "outcome": "PERHAPS", "screening_question_answers": [answer]})
    assert json.to_dict(record)["screening_question_answers"] == [answer]
    assert json.to_dict(record)["outcome"] == "PERHAPS"
    assert json.decode(json.encode(record), Application) == record
    jsonschema.validate(json.to_dict(record), json.schema(Application))


def test_what_is_unset_is_left_out() -> None:
    given = {"job_id": "j", "stage_id": "s"}
    assert json.to_dict(CandidateApplication(**given)) == given
    assert json.to_dict(CandidateApplication(job_id="j")) == {"job_id": "j"}
    assert stdlib_json.loads(json.encode([CandidateApplication(job_id="j")])) == [{"job_id": "j"}]


def test_lists_and_dicts_of_models_are_encoded_too() -> None:
    absences = json.decode('[{"id": "a", "start_date": "2027-07-05"}, {"id": "b", "colour": "red"}]', list[Absence])
    assert [absence.id for absence in absences] == ["a", "b"]
    assert json.decode(json.encode({"x": absences}), dict[str, list[Absence]]) == {"x": absences}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"id": {"secret": 1}}', r"^this is no Absence: .*\$\.id$"),
        (b'{"id": "a", "start_date": "secret"}', r"^this is no Absence: .*\$\.start_date$"),
        (b'[{"secret": 1}]', "^this is no Absence"),
        (b'{"id": "secret"', "^this is no Absence"),
        (b"", "^this is no Absence"),
        (b"\xff", "^this is no Absence"),
        ('{"id": "\ud800"}', "surrogate"),
    ],
)
def test_what_is_no_such_record_is_refused_with_its_place_and_without_values(body: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words) as raised:
        json.decode(body, Absence)
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize(
    ("model", "body", "problems"),
    [
        (
            NewAbsence,
            {"employee_id": "e", "absence_type_id": [], "start_date": "secret", "employee_note": None},
            "expected text @ $.absence_type_id; expected a date @ $.start_date; required field missing @ $.end_date",
        ),
        (
            CandidateApplication,
            {"job_id": {}, "stage_id": "s"},
            "expected text @ $.job_id",
        ),
        (File, {"name": 7.5, "data": "aGk="}, "expected text @ $.name"),
        (File, {"name": "cv.pdf", "data": "secret?"}, "expected base64 @ $.data"),
        (
            list[ScreeningAnswer],
            [
                {"question_id": "q", "answer": ["a", "b"]},
                {"question_id": "q", "answer": {"secret": 1}},
                {"answer": "x"},
            ],
            "unexpected value @ $[1].answer; required field missing @ $[2].question_id",
        ),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_body_of_a_request_is_refused_with_each_place(model: Any, body: Any, problems: str) -> None:
    for call in (lambda: json.from_dict(body, model), lambda: json.decode(stdlib_json.dumps(body), model)):
        with pytest.raises(ValueError, match=r"^this is no ") as raised:
            call()
        assert str(raised.value).partition(": ")[2] == problems


def test_dict_becomes_the_model_that_it_was_made_of() -> None:
    absence = Absence(id="a", start_date=date(2027, 7, 5))
    assert json.from_dict(json.to_dict([absence]), list[Absence]) == [absence]
    # Instances are taken as they are, and what JSON has too is converted in the same way.
    assert json.from_dict([absence], list[Absence])[0] is absence
    assert json.from_dict({"id": 7, "start_date": "2027-07-05T00:00:00Z"}, Absence) == json.decode(
        '{"id": 7, "start_date": "2027-07-05T00:00:00Z"}', Absence
    )
    event = webhooks.parse(body("data-changed"))
    assert json.from_dict(event, Event) is event
    assert json.from_dict(json.to_dict(event), Event) == event


def test_wrong_types_are_refused() -> None:
    class Plain:
        pass

    not_a_type: Any = {}
    for function in (
        lambda: json.decode("{}", Plain),
        lambda: json.schema(Plain),
        lambda: json.from_dict({}, not_a_type),
    ):
        with pytest.raises(TypeError, match="attrs class"):
            function()
    with pytest.raises(ValueError, match="surrogate"):
        json.encode(Absence(id="\ud800"))

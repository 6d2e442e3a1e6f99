"""Pay runs and payslips. Kombo's own SDK has them, its published description does not yet."""

from __future__ import annotations

from datetime import date

from attrs import field

from ..base import NullableList, Timestamp, frozen, hidden, null_to_empty
from ..common import SyncedRecord
from .people import EmployeeSummary


@frozen(kw_only=True)
class Money:
    """An amount in one currency."""

    value: float | None = None
    """How much. It comes as a float: round before you add up or compare."""
    currency: str | None = None
    """The ISO 4217 code, such as `EUR`."""


@frozen(kw_only=True)
class PayTotals:
    """The sums of a payslip, or of all that a pay run paid. Each may be missing, whatever the others are."""

    gross_pay: Money | None = field(default=None, repr=hidden)
    """What was earned, less deductions from the gross, before taxes."""
    net_pay: Money | None = field(default=None, repr=hidden)
    """What is left of the gross pay after taxes."""
    paid_amount: Money | None = field(default=None, repr=hidden)
    """What was really paid out, after what is added to or taken from the net pay."""


@frozen(kw_only=True)
class PayRunSummary:
    """The pay run of a payslip, in brief. A change of it does not make `updated_after` match the payslip."""

    id: str
    """Kombo's id, unique among pay runs."""
    remote_id: str | None = None
    """The tool's own id."""
    start_date: date | None = None
    """The first day of the time that is paid for."""
    end_date: date | None = None
    """The last day of the time that is paid for."""
    legal_entity_id: str | None = None
    """The Kombo id of the legal entity that pays."""


@frozen(kw_only=True)
class PayRun(PayRunSummary, SyncedRecord):
    """One run of a company's payroll, with what it paid in all.

    See https://docs.kombo.dev/hris/v1/get-pay-runs
    """

    changed_at: Timestamp | None = None
    """When a property of this record itself last changed."""
    remote_deleted_at: Timestamp | None = None
    """When Kombo no longer found the record in the tool; null while it is there."""
    totals: PayTotals | None = None
    """The sums over all its payslips."""


@frozen(kw_only=True)
class PayslipLineItem:
    """One line of a payslip: an earning, a deduction or a contribution."""

    id: str
    """Kombo's id, unique among line items. With some tools it changes when the payslip is edited."""
    remote_id: str | None = None
    """The tool's own id, or one made with the place on the payslip: then it changes when lines move."""
    name: str | None = None
    """The name of the salary type, such as "Base salary"."""
    amount: Money | None = field(default=None, repr=hidden)
    """How much the line adds or takes."""


@frozen(kw_only=True)
class Payslip(SyncedRecord):
    """What one person was paid in one pay run.

    A change of a line item also makes `updated_after` match; one of the employee, the pay run or a salary type
    does not. See https://docs.kombo.dev/hris/v1/get-payslips
    """

    id: str
    """Kombo's id, unique among payslips."""
    remote_id: str | None = None
    """The tool's own id."""
    changed_at: Timestamp | None = None
    """When a property of this record itself last changed."""
    remote_deleted_at: Timestamp | None = None
    """When Kombo no longer found the record in the tool; null while it is there."""
    totals: PayTotals | None = None
    """The sums at its end."""
    employee: EmployeeSummary | None = None
    """The person who was paid."""
    pay_run: PayRunSummary | None = None
    """The run that it was paid in."""
    line_items: NullableList[PayslipLineItem] = ()
    """What the totals are made of."""

    def __attrs_post_init__(self) -> None:
        null_to_empty(self, "line_items")

"""A case with a payout is done when the money has arrived."""

from typing import Any

from applications.gates import Moment
from applications.models import Application
from payouts.models import Row
from payouts.picking import requirement_of
from payouts.requirement import NAME
from payouts.status import CLAIMING, RowState


class PayoutGate:
    moment = Moment.COMPLETION
    name = NAME

    def applies(self, application: Application) -> bool:
        return requirement_of(application) is not None

    def is_open(self, application: Application) -> bool:
        return Row.objects.filter(application=application, state=RowState.PAID).exists()

    def url(self, application: Application) -> str:
        """Nothing for the resident to do but to wait."""
        return ""

    def facts(self, application: Application) -> dict[str, Any]:
        row = Row.objects.filter(application=application).select_related("batch").order_by("-pk").first()
        if row is None:
            return {"支給": "まだ支給に入っていません"}
        facts = {"支給": f"{row.amount:,}円　{row.get_state_display()}（{row.batch.name}）"}
        if row.state in CLAIMING:
            facts["振込指定日"] = f"{row.batch.pay_on:%Y年%-m月%-d日}"
        if row.reason:
            facts["支給の理由"] = row.reason
        return facts

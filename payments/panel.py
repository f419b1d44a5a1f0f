"""手数料: on the check page what it will cost, afterwards what was paid."""

from django.utils.translation import gettext as _

from applications.models import Application
from applications.panels import Place, Shown
from payments.fees import fee_of, is_after_review, is_priced_as, price_of, requirement_of
from payments.requirement import METHODS, NAME
from payments.standing import standing_of


class PaymentPanel:
    name = NAME

    def show(self, application: Application, place: Place) -> Shown | None:
        wanted = requirement_of(application)
        if wanted is None:
            return None
        if place == Place.CHECK:
            context = {
                "price": price_of(application),
                "after_review": is_after_review(application),
                "methods": [_(METHODS[name]) for name in wanted["methods"]],
                "days": wanted["days"],
            }
            return Shown("payments/_on_check.html", context)
        fee = fee_of(application)
        if fee is None:
            return None
        return Shown("payments/_on_done.html", {"standing": standing_of(application, fee)})

    def weigh(self, application: Application, corrected: Application) -> Shown | None:
        fee = fee_of(application)
        if fee is None or requirement_of(application) is None:
            return None
        was, now = price_of(application), price_of(corrected)
        if (was.total, was.rows) == (now.total, now.rows):
            return None
        is_usual = is_priced_as(fee, was)
        return Shown("payments/_on_correction.html", {"was": was.total, "now": now.total, "is_usual": is_usual})

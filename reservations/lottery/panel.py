"""The lottery on the check page, and on the page afterwards."""

from applications.models import Application
from applications.panels import Place, Shown
from reservations.asking import requirement_of
from reservations.lottery.entering import entry_of, slots_of
from reservations.models import Result
from reservations.refusals import clock
from reservations.resident.links import token_of


class LotteryPanel:
    name = "lottery"

    def show(self, application: Application, place: Place) -> Shown | None:
        entry = entry_of(application) if requirement_of(application) is not None else None
        if entry is None or entry.result == Result.WON:
            return None  # what was won is a reservation
        context = {
            "code": application.form.code,
            "entry": entry,
            "lottery": entry.lottery,
            "wishes": slots_of(entry),
            "closes": clock(entry.lottery.closes_at),
            "draws": clock(entry.lottery.draws_at) if entry.lottery.draws_at else "",
            "token": token_of(application),
            "is_check": place == Place.CHECK,
        }
        return Shown("reservations/waiting/_entry.html", context)

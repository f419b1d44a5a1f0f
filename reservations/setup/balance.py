"""帳尻: whether every counter says what the bookings say."""

from itertools import islice
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from reservations.invariant import buckets_of, problems
from reservations.models import ACTIVE, Booking
from reservations.setup.access import receptions_of
from reservations.setup.base import SetupView

SHOWN = 200


class BalanceView(SetupView):
    """POST checks the reader's receptions now; nothing is changed by it."""

    template_name = "reservations/setup/balance.html"
    page_title = "帳尻の確認"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        began = timezone.now()
        mine = receptions_of(self.user)
        found = list(islice(problems(mine), SHOWN + 1))
        context = self.get_context_data(
            began=began,
            found=found[:SHOWN],
            has_more=len(found) > SHOWN,
            receptions=mine.count(),
            buckets=buckets_of(mine).count(),
            bookings=Booking.objects.filter(slot__calendar__in=mine, state__in=ACTIVE).count(),
        )
        return self.render_to_response(context)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"was_checked": "began" in kwargs}

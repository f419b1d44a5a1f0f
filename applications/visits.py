"""One resident's visit: which draft the browser holds the key of, and where that draft stands."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any, TypeVar

from django.conf import settings
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from applications.answers import opened, opened_unfinished
from applications.journey import Journey
from applications.models import PUBLIC_ID, Application
from applications.services import Kept, opens
from applications.status import EDITABLE
from cms.periods import Period
from formbuilder.definition import Presentation
from formbuilder.engine import Engine
from formbuilder.models import FormVersion

COOKIE_DAYS = 30
OPEN_PAGE = timedelta(days=2)  # how long a first step may lie open while the form changes
KEY = re.compile(rf"({PUBLIC_ID.pattern})\.([A-Za-z0-9_-]{{43}})")  # public id and secret
PRIMARY_KEY = re.compile("[0-9]{1,15}")

# Of the form, beside the row: as columns, because a condition takes Django longer to build than the rest of the query
FORM = {"form_live": F("form__live"), "form_from": F("form__accepts_from"), "form_until": F("form__accepts_until")}

Row = TypeVar("Row")


class NoSuchForm(Exception):
    """There is no published form at this address, and never a draft of one in this browser."""


@dataclass
class Visit:
    """code: of the form; version: what is filled in; application: None until something was typed.

    form_is_live: published, and within its acceptance period. asks: how the page that was opened puts its questions;
    None for a page that puts none.
    """

    code: str
    version: FormVersion
    application: Application | None
    form_is_live: bool
    today: date
    asks: Presentation | None = None

    @property
    def engine(self) -> Engine:
        """Of the form as this visitor is asked, in the visitor's language."""
        return self.engine_of(self.version)

    def engine_of(self, version: FormVersion) -> Engine:
        return version.spoken.questions if self.presentation == Presentation.QUESTIONS else version.spoken

    @property
    def presentation(self) -> Presentation:
        """As the page puts it; else as the resident chose, or the form says."""
        chosen = self.application.presentation if self.application else ""
        return self.asks or Presentation(chosen or self.version.engine.definition.presentation)

    @property
    def is_editable(self) -> bool:
        return self.application is None or self.application.status in EDITABLE

    @property
    def is_stale(self) -> bool:
        """A newer version of the form has been published since the draft was begun."""
        return not self.version.is_current

    @cached_property
    def answers(self) -> dict[str, Any]:
        return opened(self.application) if self.application else {}

    @property
    def fixed(self) -> dict[str, str]:
        """Key of an item that cannot be changed -> why."""
        return self.application.fixed if self.application else {}

    @cached_property
    def unfinished(self) -> dict[str, Any]:
        return opened_unfinished(self.application) if self.application else {}

    @cached_property
    def journey(self) -> Journey:
        return Journey(self.engine, self.answers, self.today, frozenset(self.unfinished))

    def now_holds(self, application: Application) -> None:
        """Go on with a draft that has just been made or changed."""
        self.application, self.version = application, application.version
        for name in ("answers", "unfinished", "journey"):
            self.__dict__.pop(name, None)


def cookie_name(code: str) -> str:
    return f"mg-{code}"


def load_visit(request: HttpRequest, code: str, *, lock: bool = False) -> Visit:
    """The visit to a form: one query, two on the first visit. Raises NoSuchForm.

    lock: hold the application's row until the transaction ends.
    """
    held = _held_application(request.COOKIES.get(cookie_name(code), ""), code, lock=lock)
    today = timezone.localdate()
    if held is not None:
        application, form_is_live = held
        return Visit(code, application.version, application, form_is_live, today)
    versions = FormVersion.objects.filter(form__code=code).defer("document").annotate(**FORM)
    # what was filled in is kept as it was shown, even if the form changed while the first step was open
    shown = shown_version(request)
    version = _only(versions.filter(pk=shown)) if shown is not None else None
    if version is not None and not _may_begin(version):
        version = None
    version = version or _only(versions.filter(is_current=True))
    if version is None:
        raise NoSuchForm(code)
    return Visit(code, version, None, _is_taken(version), today)


def _may_begin(version: FormVersion) -> bool:
    """A draft may begin with an older version only as long as a page could still be open since before the newer."""
    if version.is_current:
        return True
    newer = FormVersion.objects.filter(form_id=version.form_id, number=version.number + 1)
    return newer.filter(created_at__gt=timezone.now() - OPEN_PAGE).exists()


def shown_version(request: HttpRequest) -> int | None:
    """Primary key of the version that the posted page showed."""
    text = request.POST.get("version", "") if request.method == "POST" else ""
    return int(text) if PRIMARY_KEY.fullmatch(text) else None


def _held_application(cookie: str, code: str, *, lock: bool) -> tuple[Application, bool] | None:
    """The application whose key the browser holds, and whether its form is live; a wrong or an old key is no key."""
    key = KEY.fullmatch(cookie)
    if key is None:
        return None
    public_id, secret = key.groups()
    rows = (
        Application.objects.filter(public_id=public_id, form__code=code)
        .select_related("version")
        .defer("version__document", "search_text")
        .annotate(**FORM)
    )
    application = _only(rows.select_for_update(of=("self",)) if lock else rows)
    return (application, _is_taken(application)) if application and opens(application, secret) else None


def _is_taken(row: Any) -> bool:
    """Whether the form of a row with FORM is published, and within its acceptance period."""
    return row.form_live and Period(row.form_from, row.form_until).is_open


def _only(rows: Iterable[Row]) -> Row | None:
    """The row of a query that can have one at most; `first()` would sort it, for a twentieth of a page's time."""
    return next(iter(rows), None)


def hand_key(response: HttpResponse, code: str, kept: Kept) -> None:
    """Give the browser the key of its draft; scripts cannot read it, and only this form's pages are sent it."""
    _set_key(response, code, f"{kept.application.public_id}.{kept.secret}")


def keep_key(response: HttpResponse, code: str, request: HttpRequest) -> None:
    """Let the browser keep the key it has as long as a draft that was changed just now."""
    _set_key(response, code, request.COOKIES[cookie_name(code)])


def _set_key(response: HttpResponse, code: str, key: str) -> None:
    response.set_cookie(
        cookie_name(code),
        key,
        max_age=COOKIE_DAYS * 86_400,
        path=f"/apply/{code}/",
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )


def take_key(response: HttpResponse, code: str) -> None:
    """Make the browser forget its draft."""
    response.delete_cookie(cookie_name(code), path=f"/apply/{code}/", samesite="Lax")

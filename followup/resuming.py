"""あとで続ける: a link that opens the draft on another device, sent to an address of the resident's choice."""

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from applications.lifecycle import lock, record
from applications.models import Application
from applications.services import Kept, NotEditable, add_key
from applications.signed import signer, unsigned
from applications.status import EDITABLE
from followup.models import ResumeLink

ASKED = "resume_asked"  # the event that the mail hangs on
TOLD = "続きを入力するためのリンクをメールで送りました"
SIGNER = signer("followup.resume")


class LinkUsed(Exception):
    """The link has opened a device already."""


class Later:
    """The exit 「あとで続ける」 of every step."""

    name = "later"
    label = "あとで続ける"

    def url(self, application: Application) -> str:
        return reverse("apply-later", kwargs={"code": application.form.code})


@transaction.atomic
def send_link(application: Application, to: str) -> None:
    """Write down that a link goes out; the outbox sends it. Raises NotEditable."""
    application = lock(application.pk)
    if application.status not in EDITABLE:
        raise NotEditable
    link = ResumeLink.objects.create(application=application, to=to)
    record(application, ASKED, data={"link": link.pk, "sentence": TOLD})


@transaction.atomic
def link_for_news(application: Application) -> ResumeLink | None:
    """An unused link to the address that a link went to last; None where none did, or the draft is none any more."""
    if lock(application.pk).status not in EDITABLE:
        return None
    last = ResumeLink.objects.filter(application=application).order_by("-pk").first()
    if last is None or last.used_at is None:
        return last
    return ResumeLink.objects.create(application=application, to=last.to)


def token_of(link: ResumeLink) -> str:
    return SIGNER.sign(link.public_id)


def url_of(link: ResumeLink, code: str) -> str:
    """As it stands in a mail."""
    return f"{settings.BASE_URL}{reverse('apply-resume', kwargs={'code': code, 'token': token_of(link)})}"


def link_of(token: str, code: str) -> ResumeLink | None:
    """None for whatever we have not signed ourselves, and for links of other forms."""
    public_id = unsigned(token, SIGNER)
    if public_id is None:
        return None
    links = ResumeLink.objects.select_related("application__version", "application__form")
    return links.filter(public_id=public_id, application__form__code=code).first()


@transaction.atomic
def use(link: ResumeLink) -> Kept:
    """A key to the draft for one more device. Raises LinkUsed, NotEditable."""
    application = lock(link.application_id)
    if application.status not in EDITABLE:
        raise NotEditable
    if not ResumeLink.objects.filter(pk=link.pk, used_at=None).update(used_at=timezone.now()):
        raise LinkUsed
    return add_key(application.pk)


def forget_old() -> int:
    """Links to drafts that are none any more, with the addresses they went to."""
    return ResumeLink.objects.exclude(application__status__in=EDITABLE).delete()[0]

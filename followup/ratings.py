"""満足度: said once for an application that has arrived."""

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from applications.models import Application
from followup.models import Rating
from formbuilder.japanese.text import clean_block, visible_length

LONGEST = 1000  # characters of a comment
SCORES = {
    5: gettext_noop("とても満足"),
    4: gettext_noop("満足"),
    3: gettext_noop("ふつう"),
    2: gettext_noop("不満"),
    1: gettext_noop("とても不満"),
}


class Wrong(Exception):
    """What was sent cannot be taken; message: what to do."""

    def __init__(self, box: str, message: str) -> None:
        super().__init__(message)
        self.box, self.message = box, message


def may_rate(application: Application) -> bool:
    return application.received_at is not None and not Rating.objects.filter(application=application).exists()


def read(score: str, comment: str) -> tuple[int, str]:
    """Raises Wrong."""
    if score not in {str(each) for each in SCORES}:
        raise Wrong("score", _("満足度を選んでください。"))
    text = clean_block(comment)
    # the second: what is put on top of one character has no end
    if (length := visible_length(text)) > LONGEST or len(text) > 4 * LONGEST:
        raise Wrong(
            "comment",
            _("ご意見は%(longest)s文字以内で入力してください（今は%(length)s文字です）。")
            % {"longest": f"{LONGEST:,}", "length": f"{length:,}"},
        )
    return int(score), text


def rate(application: Application, score: int, comment: str) -> bool:
    """False when it was rated already."""
    try:
        with transaction.atomic():
            Rating.objects.create(application=application, score=score, comment=comment)
    except IntegrityError:
        return False
    return True

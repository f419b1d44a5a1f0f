"""差戻し as an officer reads it: what was asked for, and what the resident changed."""

from dataclasses import dataclass

from applications.models import Application
from applications.vault import VaultError
from casework.access import HIDDEN
from casework.case import UNREADABLE, may_open
from casework.case import File as FileShown
from dialogue.corrections import former_answers
from dialogue.mending import File, display_of
from dialogue.models import Correction


@dataclass(frozen=True, slots=True)
class Change:
    """One item, as it was and as it became; texts are "" where nothing was answered."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Told:
    """One correction. asked_for: labels of the items that were named; former: files that it replaced or removed."""

    correction: Correction
    asked_for: str
    changes: list[Change]
    former: list[FileShown]


def corrections_of(application: Application, *, show_sensitive: bool) -> list[Told]:
    """Newest first. Two queries more where there was any, whatever their number."""
    corrections = list(application.corrections.select_related("opened_by").prefetch_related("files").order_by("-pk"))
    if not corrections:
        return []
    engine = application.version.engine
    files: dict[str, File] = {file.public_id: file for file in application.attachments.all()}
    files |= {file.public_id: file for each in corrections for file in each.files.all()}
    made = []
    for correction in corrections:
        labels = [engine.fields[key].definition.label for key in correction.keys if key in engine.fields]
        former = [
            FileShown(file, may_open(application, file, show_sensitive=show_sensitive))
            for file in correction.files.all()
            if file.is_former
        ]
        try:
            before, after = former_answers(correction, application)
        except VaultError:
            lost = [Change(label, UNREADABLE, UNREADABLE) for label in labels if correction.after]
            made.append(Told(correction, "、".join(labels), lost, former))
            continue
        changes = []
        for key, field in engine.fields.items():
            if key not in correction.before and key not in correction.after:
                continue
            hidden = field.definition.holds_sensitive and not show_sensitive
            texts = [
                HIDDEN if hidden and side.get(key) is not None else display_of(engine, key, side.get(key), files)
                for side in (before, after)
            ]
            changes.append(Change(field.definition.label, *texts))
        made.append(Told(correction, "、".join(labels), changes, former))
    return made

"""What changes answers: item by item, in one transaction, and only while the resident may."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from applications.answers import opened, opened_unfinished
from applications.lifecycle import declare
from applications.models import Application, Channel
from applications.services import NotEditable, attach, detach, keep_answers, move_to_newest, same_items, start_draft
from applications.status import Status
from formbuilder.models import FormPage
from tests.applications.residents import ACCOUNT, APPLICANT, CITY, STEPS
from tests.formbuilder.uploads.samples import inspected, jpeg
from tests.support.cast import Cast, answers_by_key, current_version, item, key_of, make_form, submit

BANK, NOTE, NAME = key_of("口座"), key_of("備考"), key_of("氏名")


@pytest.fixture
def form(cast: Cast) -> FormPage:
    return make_form(cast.children, steps=STEPS)


@pytest.fixture
def application(form: FormPage) -> Application:
    version = current_version(form)
    return start_draft(version=version, answers=answers_by_key(version, APPLICANT)).application


def fresh(application: Application) -> Application:
    return Application.objects.select_related("version").get(pk=application.pk)


def test_a_draft_pins_the_version_and_its_department(form: FormPage, application: Application) -> None:
    version = current_version(form)
    assert (application.version, application.department) == (version, version.department)
    assert (application.status, application.channel) == (Status.DRAFT, Channel.WEB)
    assert (application.reference, application.received_at, application.revision) == (None, None, 0)


def test_every_change_counts_one_revision(application: Application) -> None:
    assert keep_answers(application.pk, taken={NOTE: "一"}, unfinished={}).revision == 1
    assert keep_answers(application.pk, taken={NOTE: "一"}, unfinished={}).revision == 1
    assert keep_answers(application.pk, taken={}, unfinished={NOTE: "二"}).revision == 2
    assert keep_answers(application.pk, taken={NOTE: None}, unfinished={}).revision == 3


def test_an_answer_that_did_not_change_keeps_its_sealed_bytes(application: Application) -> None:
    keep_answers(application.pk, taken={BANK: ACCOUNT}, unfinished={})
    box = fresh(application).answers[BANK]
    keep_answers(application.pk, taken={BANK: ACCOUNT, NOTE: "x"}, unfinished={})
    assert fresh(application).answers[BANK] == box


def test_an_item_that_the_draft_does_not_have_is_not_kept(application: Application) -> None:
    """Not even in the clear, for want of knowing whether it is sensitive."""
    before = fresh(application)
    keep_answers(application.pk, taken={"nothing": "秘密"}, unfinished={"nothing": "秘密"})
    after = fresh(application)
    assert (after.answers, after.unfinished, after.revision) == (before.answers, before.unfinished, before.revision)


def test_an_item_of_another_type_is_not_kept(cast: Cast, application: Application) -> None:
    old = application.version.engine
    changed = {**STEPS, "受取": [STEPS["受取"][0], item("number", "備考"), *STEPS["受取"][2:]]}
    newer = current_version(make_form(cast.children, steps=changed)).engine
    assert NOTE not in same_items(old, newer)
    assert NAME in same_items(old, newer)
    move_to_newest(application.pk)
    keep_answers(
        application.pk, taken={NOTE: "文字", NAME: {"family": "別", "given": "人"}}, unfinished={}, read_by=old
    )
    assert opened(fresh(application)) == answers_by_key(
        application.version, {**APPLICANT, "氏名": {"family": "別", "given": "人"}}
    )


@pytest.mark.parametrize("status", [status for status in Status if status != Status.DRAFT])
def test_nothing_changes_once_it_is_no_draft(form: FormPage, status: Status) -> None:
    version = current_version(form)
    complete = {**APPLICANT, "多胎": False, "受取方法": "koukin"}
    draft = start_draft(version=version, answers=answers_by_key(version, complete)).application
    photo = attach(draft.pk, field_key=key_of("表紙"), checked=inspected(jpeg()), most=2)
    assert photo is not None
    application = declare(draft.pk, revision=1)
    Application.objects.filter(pk=draft.pk).update(status=status)
    before = opened(fresh(application))
    for change in (
        lambda: keep_answers(draft.pk, taken={NOTE: "x"}, unfinished={}),
        lambda: attach(draft.pk, field_key=key_of("表紙"), checked=inspected(jpeg(quality=50)), most=2),
        lambda: detach(draft.pk, public_id=photo.public_id),
        lambda: move_to_newest(draft.pk),
    ):
        with pytest.raises(NotEditable):
            change()
    assert opened(fresh(application)) == before
    assert application.attachments.count() == 1


def test_a_change_moves_the_day_on_which_the_draft_expires(application: Application) -> None:
    long_ago = timezone.now() - timedelta(days=20)
    Application.objects.update(updated_at=long_ago)
    keep_answers(application.pk, taken={NOTE: "x"}, unfinished={})
    assert fresh(application).updated_at > timezone.now() - timedelta(minutes=1)


def test_what_was_declared_is_what_counted_on_that_day(cast: Cast) -> None:
    application = submit(cast.form)
    assert opened(fresh(application)) == answers_by_key(
        application.version,
        {"氏名": {"family": "見本", "given": "花子"}, "フリガナ": {"family": "ミホン", "given": "ハナコ"}},
    )


answers = st.fixed_dictionaries(
    {},
    optional={
        NAME: st.fixed_dictionaries({"family": st.text(min_size=1), "given": st.text()}),
        NOTE: st.text(min_size=1),
        BANK: st.just(ACCOUNT),
        key_of("住所"): st.just(CITY),
        key_of("多胎"): st.booleans(),
    },
)
removed = st.dictionaries(st.sampled_from([NAME, NOTE, BANK]), st.none())
changes = st.lists(st.tuples(answers, removed, st.dictionaries(st.sampled_from([NOTE, BANK]), st.text())), max_size=5)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=changes)
def test_after_any_changes_every_item_is_as_it_was_last_left(
    application: Application, changes: list[tuple[dict[str, Any], dict[str, None], dict[str, str]]]
) -> None:
    """Held against the plainest possible model: two dictionaries."""
    keep_answers(application.pk, taken=dict.fromkeys(application.version.engine.fields), unfinished={})
    kept: dict[str, Any] = {}
    left: dict[str, Any] = {}
    for given_, gone, refused in changes:
        taken = {key: clean(answer) for key, answer in {**given_, **gone}.items() if key not in refused}
        boxes = {key: clean(text) for key, text in refused.items()}
        keep_answers(application.pk, taken=taken, unfinished=boxes)
        kept = {key: answer for key, answer in {**kept, **taken}.items() if answer is not None}
        left = {key: text for key, text in left.items() if key not in taken} | boxes
    after = fresh(application)
    assert (opened(after), opened_unfinished(after)) == (kept, left)


def clean(answer: Any) -> Any:
    """As field types leave text: without what JSON in a database cannot hold."""
    if isinstance(answer, dict):
        return {part: clean(text) for part, text in answer.items()}
    if isinstance(answer, str):
        return answer.replace("\x00", "").encode(errors="ignore").decode()
    return answer

"""差戻し: the officer names items and says why, the resident corrects them and nothing else, and sends them back."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from applications.answers import opened
from applications.lifecycle import AnswersChanged, move
from applications.models import Application, Attachment
from applications.status import Action, Status
from dialogue import corrections
from dialogue.jobs import watch_deadlines
from dialogue.models import Correction, CorrectionFile
from followup.models import Code
from formbuilder.models import FormPage
from tests.applications.residents import ACCOUNT, CITY, Response, boxes, errors_of, photo, text_of
from tests.followup.following import ADDRESS, enter, newest_mail, work
from tests.support.cast import Cast, answers_by_key, item, key_of, make_form, submit, when

STEPS = {
    "申請者": [
        item("full_name", "氏名"),
        item("address", "住所"),
        item("email", "メール", required=False),
    ],
    "受取": [
        item(
            "choice",
            "受取方法",
            choices=[{"label": "公金受取口座", "code": "koukin"}, {"label": "口座を指定", "code": "shitei"}],
        ),
        item("bank_account", "口座", sensitive=True, condition=when("受取方法", "eq", "口座を指定")),
        item("photo", "表紙", min_files=1, max_files=2, max_mb=10, required=False),
        item("text", "備考", required=False),
        item("repeat", "家族", required=False, fields=[item("text", "名前", key="n1")]),
    ],
}
GIVEN = {
    "氏名": {"family": "見本", "given": "花子"},
    "住所": CITY,
    "メール": ADDRESS,
    "受取方法": "koukin",
    "備考": "はじめの備考",
}
PAGE, CHECK = "/status/correction/", "/status/correction/check/"


@pytest.fixture
def form(cast: Cast) -> FormPage:
    return make_form(cast.children, code="mend", steps=STEPS)


def returned(cast: Cast, form: FormPage, *names: str, **options: Any) -> Application:
    case = submit(form, options.pop("given", GIVEN))
    corrections.return_for_correction(
        case.pk,
        actor=cast.officer,
        revision=case.revision,
        reason="備考を直してください。",
        keys=[key_of(name) for name in names],
        **options,
    )
    case.refresh_from_db()
    return case


def post(client: Client, case: Application, answers: dict[str, Any], **others: Any) -> Response:
    page = client.get(PAGE).content.decode()
    seal = page.partition('name="visit" value="')[2].partition('"')[0]
    return client.post(
        PAGE, {"action": "next", "whole": "1", "visit": seal, **boxes(case.version.engine, answers), **others}
    )


def send(client: Client) -> Response:
    return client.post(CHECK, {"revision": str(Correction.objects.get().revision)})


def answers_of(case: Application) -> dict[str, Any]:
    case = Application.objects.get(pk=case.pk)
    fields = case.version.engine.fields
    return {fields[key].definition.name: answer for key, answer in opened(case).items()}


# --- the whole way


def test_from_the_desk_to_the_resident_and_back(cast: Cast, form: FormPage, client: Client) -> None:
    case = submit(form, GIVEN)
    desk = Client()
    desk.force_login(cast.officer)
    address = reverse("casework:act", args=(case.public_id, "return"))
    assert "備考" in desk.get(address).content.decode()
    due = timezone.localdate() + timedelta(days=7)
    response = desk.post(
        address,
        {
            "revision": case.revision,
            "keys": [key_of("備考")],
            "reason": "番地がありません。",
            "due_on": due.isoformat(),
        },
    )
    assert response.status_code == 302, response.content.decode()
    letter = newest_mail()
    assert "直してください" in letter.subject and "番地がありません" not in str(letter.body)
    page = text_of(enter(client, case))
    assert "番地がありません。" in page and "内容を直す" in page
    html = client.get(PAGE).content.decode()
    assert "はじめの備考" in html and "見本" not in html.partition("<main")[2]
    assert post(client, case, {"備考": "直した備考"}).headers["Location"] == CHECK
    assert answers_of(case)["備考"] == "はじめの備考"  # nothing has changed yet
    check = text_of(client.get(CHECK))
    assert "はじめの備考" in check and "直した備考" in check
    assert send(client).status_code == 302
    case.refresh_from_db()
    assert case.status == Status.SUBMITTED and answers_of(case) == {**GIVEN, "備考": "直した備考"}
    assert "直した内容を受け付けました" in newest_mail().subject
    officers = desk.get(reverse("casework:case", args=(case.public_id,))).content.decode()
    assert "修正の前" in officers and "はじめの備考" in officers and "直した備考" in officers


def test_sending_twice_is_sending_once(cast: Cast, form: FormPage, client: Client) -> None:
    case = returned(cast, form, "備考")
    enter(client, case)
    post(client, case, {"備考": "直した"})
    revision = str(Correction.objects.get().revision)
    for _ in range(2):
        assert client.post(CHECK, {"revision": revision}).headers["Location"] == "/status/application/"
    assert case.events.filter(kind="resubmitted").count() == 1
    corrections.resubmit(Correction.objects.get().pk, revision=0)  # the function itself, too
    assert case.events.filter(kind="resubmitted").count() == 1


def test_what_changed_in_another_window_is_looked_at_again(cast: Cast, form: FormPage, client: Client) -> None:
    case = returned(cast, form, "備考")
    enter(client, case)
    post(client, case, {"備考": "一"})
    old = Correction.objects.get().revision
    post(client, case, {"備考": "二"})
    response = client.post(CHECK, {"revision": str(old)})
    assert response.status_code == 409 and "二" in text_of(response)
    with pytest.raises(AnswersChanged):
        corrections.resubmit(Correction.objects.get().pk, revision=old)
    assert Application.objects.get().status == Status.RETURNED


# --- nothing else changes


def test_no_other_item_can_be_changed(cast: Cast, form: FormPage, client: Client) -> None:
    case = returned(cast, form, "備考")
    enter(client, case)
    post(
        client,
        case,
        {"備考": "直した", "氏名": {"family": "悪", "given": "人"}, "受取方法": "shitei", "表紙": [photo()]},
    )
    send(client)
    assert answers_of(case) == {**GIVEN, "備考": "直した"}
    assert not Attachment.objects.exists() and not CorrectionFile.objects.exists()


NAMES = ["氏名", "住所", "受取方法", "口座", "備考"]
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "氏名": st.fixed_dictionaries({"family": st.sampled_from(["悪", "善"]), "given": st.just("人")}),
    "住所": st.just({**CITY, "town": "別の町1-1"}),
    "受取方法": st.sampled_from(["koukin", "shitei"]),
    "口座": st.just(ACCOUNT),
    "備考": st.one_of(st.none(), st.text(max_size=5)),
}


@given(
    named=st.sets(st.sampled_from(NAMES[:3] + NAMES[4:]), min_size=1), posted=st.fixed_dictionaries({}, optional=VALUES)
)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_brought_only_the_named_items_change(
    cast: Cast, form: FormPage, named: set[str], posted: dict[str, Any]
) -> None:
    case = returned(cast, form, *named)
    correction = Correction.objects.get(application=case)
    mending = corrections.stage(correction.pk, taken=answers_by_key(case.version, posted), unfinished={"x": "y"})
    if mending.problems:
        with pytest.raises(corrections.Unmended):
            corrections.resubmit(correction.pk, revision=mending.correction.revision)
    else:
        corrections.resubmit(correction.pk, revision=mending.correction.revision)
    now = answers_of(case)
    new = {"口座"} if "受取方法" in named else set()  # asked for only because of what was changed
    for name in set(NAMES) - named - new:
        assert now.get(name) == GIVEN.get(name)


def test_what_is_asked_for_because_of_a_change_is_asked_for(cast: Cast, form: FormPage, client: Client) -> None:
    case = returned(cast, form, "受取方法")
    enter(client, case)
    response = post(client, case, {"受取方法": "shitei"})
    assert errors_of(response) and "口座" in errors_of(response)[0]
    assert post(client, case, {"受取方法": "shitei", "口座": ACCOUNT}).headers["Location"] == CHECK
    check = client.get(CHECK).content.decode()
    assert ACCOUNT["number"] not in check
    assert ACCOUNT["number"] not in client.get(PAGE).content.decode()
    assert ACCOUNT["number"] not in str(Correction.objects.get().answers)  # sealed
    send(client)
    assert answers_of(case)["口座"]["number"] == ACCOUNT["number"]
    assert ACCOUNT["number"] not in str(Correction.objects.get().after)


def test_a_sensitive_item_is_not_shown_and_stays_when_left_blank(cast: Cast, form: FormPage, client: Client) -> None:
    case = returned(cast, form, "口座", "備考", given={**GIVEN, "受取方法": "shitei", "口座": ACCOUNT})
    enter(client, case)
    assert ACCOUNT["number"] not in client.get(PAGE).content.decode()
    assert post(client, case, {"備考": "直した"}).headers["Location"] == CHECK
    send(client)
    assert answers_of(case)["口座"] == ACCOUNT and answers_of(case)["備考"] == "直した"


# --- files and rows


def test_a_file_is_replaced_and_the_old_one_kept_for_the_desk(cast: Cast, form: FormPage, client: Client) -> None:
    case = returned(cast, form, "表紙", "備考")
    enter(client, case)
    post(client, case, {"表紙": [photo("一枚目.jpg")], "備考": "x"})
    send(client)
    assert [file.name for file in case.attachments.all()] == ["一枚目.jpg"]
    old = case.attachments.get()
    case.refresh_from_db()
    corrections.return_for_correction(
        case.pk, actor=cast.officer, revision=case.revision, reason="ぼけています。", keys=[key_of("表紙")]
    )
    post(client, case, {"表紙": [photo("二枚目.jpg", "blue")]}, action="keep")
    post(client, case, {}, action="", remove=old.public_id)
    assert case.attachments.get() == old  # until it is sent
    response = client.post(CHECK, {"revision": str(Correction.objects.get(closed_at=None).revision)})
    assert response.status_code == 302
    new = case.attachments.get()
    assert new.name == "二枚目.jpg" and new.file.storage.exists(str(new.file.name))
    former = CorrectionFile.objects.get()
    assert former.is_former and former.name == "一枚目.jpg"
    address = reverse("casework:former-file", args=(case.public_id, former.public_id))
    for user, status in ((cast.officer, 200), (cast.other_officer, 404)):
        desk = Client()
        desk.force_login(user)
        opened = desk.get(address)
        assert opened.status_code == status
        assert status != 200 or b"".join(opened).startswith(b"\xff\xd8")
    desk.force_login(cast.officer)
    page = desk.get(reverse("casework:case", args=(case.public_id,))).content.decode()
    assert "修正の前のファイル" in page and address in page


def test_a_hostile_file_is_refused_and_the_rest_is_kept(cast: Cast, form: FormPage, client: Client) -> None:
    case = returned(cast, form, "表紙", "備考")
    enter(client, case)
    fake = SimpleUploadedFile("悪.jpg", b"<svg onload=alert(1)>", "image/jpeg")
    response = post(client, case, {"表紙": [fake], "備考": "残る"})
    assert response.status_code == 200 and errors_of(response)
    assert "残る" in client.get(PAGE).content.decode() and not CorrectionFile.objects.exists()


def test_rows_are_added_and_corrected(cast: Cast, form: FormPage, client: Client) -> None:
    case = returned(cast, form, "家族")
    enter(client, case)
    row = {f"f-{key_of('家族')}": "0", f"f-{key_of('家族')}.0.n1": "見本 太郎"}
    response = client.post(PAGE, {"whole": "1", "add": key_of("家族")})
    assert response.status_code == 302
    assert f'name="f-{key_of("家族")}.0.n1"' in client.get(response.headers["Location"]).content.decode()
    response = client.post(PAGE, {"whole": "1", "action": "next", **row})
    assert response.headers["Location"] == CHECK, errors_of(response)
    send(client)
    assert answers_of(case)["家族"] == [{"n1": "見本 太郎"}]


# --- nothing is lost, nobody gets in


def test_what_could_not_be_taken_is_there_again(cast: Cast, form: FormPage, client: Client) -> None:
    case = returned(cast, form, "メール", "備考")
    enter(client, case)
    key = key_of("メール")
    response = post(client, case, {"備考": "残る"}, **{f"f-{key}": "これは違う"})
    assert errors_of(response)
    html = client.get(PAGE).content.decode()
    assert "これは違う" in html and "残る" in html
    assert client.get(CHECK).headers["Location"] == PAGE


def test_a_page_that_lay_open_too_long_is_kept_and_shown_to_nobody(cast: Cast, form: FormPage, client: Client) -> None:
    case = returned(cast, form, "備考")
    enter(client, case)
    seal = client.get(PAGE).content.decode().partition('name="visit" value="')[2].partition('"')[0]
    Code.objects.update(used_at=timezone.now() - timedelta(hours=2))
    data = {"action": "next", "whole": "1", **boxes(case.version.engine, {"備考": "長い文"})}
    assert client.post(PAGE, {**data, "visit": seal}).headers["Location"] == "/status/?over=1"
    work()
    assert opened(Application(public_id=case.public_id, answers=Correction.objects.get().answers)) == {
        key_of("備考"): "長い文"
    }
    for wrong in ("", "x", seal[:-1], seal[::-1]):
        assert client.post(PAGE, {**data, "visit": wrong}).headers["Location"] == "/status/?over=1"
    Code.objects.update(ended_at=timezone.now())  # left on purpose
    client.post(PAGE, {**data, **boxes(case.version.engine, {"備考": "別の人"}), "visit": seal})
    assert "別の人" not in str(Correction.objects.get().answers)


@pytest.mark.parametrize("address", [PAGE, CHECK])
def test_nobody_gets_in_without_a_code(cast: Cast, form: FormPage, address: str) -> None:
    returned(cast, form, "備考")
    stranger = Client()
    for response in (stranger.get(address), stranger.post(address, {"revision": "0", "whole": "1"})):
        assert response.headers["Location"] == "/status/?over=1"
    assert Application.objects.get().status == Status.RETURNED


def test_a_visit_to_one_application_corrects_no_other(cast: Cast, form: FormPage, client: Client) -> None:
    mine = returned(cast, form, "備考")
    other = returned(cast, form, "備考")
    enter(client, mine)
    post(client, mine, {"備考": "わたしの"})
    assert Correction.objects.get(application=other).answers == {}


def test_a_foreign_page_can_send_nothing(cast: Cast, form: FormPage, client: Client) -> None:
    case = returned(cast, form, "備考")
    enter(client, case)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    assert strict.post(PAGE, {"whole": "1"}).status_code == 403
    assert strict.post(CHECK, {"revision": "0"}).status_code == 403


# --- deadlines, and the end


def test_a_deadline_is_told_before_and_ends_only_what_was_to_end(cast: Cast, form: FormPage) -> None:
    soon = timezone.localdate() + timedelta(days=2)
    case = returned(cast, form, "備考", due_on=soon, expires=True)
    lasting = returned(cast, form, "備考", due_on=soon)
    assert watch_deadlines() == 2 and watch_deadlines() == 0
    work()
    assert sum("期限が近づいています" in letter.subject for letter in mail.outbox) == 2
    Correction.objects.update(due_on=timezone.localdate() - timedelta(days=1))
    assert watch_deadlines() == 1
    case.refresh_from_db()
    lasting.refresh_from_db()
    assert (case.status, lasting.status) == (Status.EXPIRED, Status.RETURNED)
    work()
    assert "期限が過ぎました" in mail.outbox[-1].subject


def test_taking_back_ends_the_correction(cast: Cast, form: FormPage, client: Client) -> None:
    case = returned(cast, form, "表紙")
    enter(client, case)
    post(client, case, {"表紙": [photo()]}, action="keep")
    assert CorrectionFile.objects.count() == 1
    move(case.pk, Action.WITHDRAW)
    work()
    assert Correction.objects.get().closed_at and not CorrectionFile.objects.exists()
    assert client.get(PAGE).headers["Location"] == "/status/application/"
    with pytest.raises(corrections.NotOpen):
        corrections.stage(Correction.objects.get().pk, taken={}, unfinished={})


def test_the_pages_cost_few_queries(
    cast: Cast, form: FormPage, client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    case = returned(cast, form, "備考", "表紙")
    enter(client, case)
    with django_assert_max_num_queries(6):
        client.get(PAGE)
    with django_assert_max_num_queries(18):
        post(client, case, {"備考": "x"})
    with django_assert_max_num_queries(30):
        send(client)

"""A full slot: who waits gets the place that comes free. And a lottery, from the wish to the result."""

from datetime import date, timedelta

from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect

from applications.models import Application
from cms.models import Role
from formbuilder.models import FormPage
from outreach.models import Message
from reservations import services
from reservations.models import Booking, Lottery, State, Wait, WaitingEntry
from reservations.waiting.entries import join
from tests.journeys.conftest import OpenContext
from tests.journeys.test_building import log_in
from tests.journeys.walking import heading, press
from tests.reservations.residents import Booker, make_checkup_form
from tests.reservations.scene import CheckUp, add_slots, alone, applications, make_check_up
from tests.support.cast import PASSWORD, Cast, make_cast, make_staff
from tests.support.pages import axe, leave, picture
from tests.support.server import Server, eventually


def arrive(form: FormPage, context: BrowserContext, server: Server) -> tuple[Booker, Page]:
    """A resident who has filled in the form, with the draft's key in this browser."""
    resident = Booker(form).arrive("stomach")
    context.add_cookies([{"name": "mg-checkup", "value": resident.key, "url": f"{server.url}/apply/checkup/"}])
    return resident, context.new_page()


def looks(page: Page, name: str, open_context: OpenContext, *, cookies_of: BrowserContext | None = None) -> None:
    """As it is on this device, and on one of the other kind."""
    axe(page)
    picture(page, f"{name}-390")
    other = open_context("desktop")
    if cookies_of is not None:
        other.add_cookies(cookies_of.cookies())  # type: ignore[arg-type]  # what it gives, it takes
    there = other.new_page()
    there.goto(page.url)
    axe(there)
    picture(there, f"{name}-1280")
    other.close()


def full_house(cast: Cast, check_up: CheckUp) -> list[Booking]:
    """Both places of the one slot are taken, and somebody waits already."""
    (slot,) = add_slots(check_up, places=2, day=timezone.localdate() + timedelta(days=30))
    people = applications(cast.form, 3)
    held = [services.hold(application=each, slot_id=slot.pk, party=alone(name="見本 太郎")) for each in people[:2]]
    there = [services.confirm(booking_id=booking.pk) for booking in held]
    join(application=people[2], slot_id=slot.pk, party=alone(name="見本 次郎"))
    return there


def test_a_place_that_comes_free_goes_to_who_waits(
    server: Server, phone: BrowserContext, open_context: OpenContext
) -> None:
    cast = make_cast()
    check_up = make_check_up(cast.children)
    form = make_checkup_form(cast, places="1")
    there = full_house(cast, check_up)
    resident, page = arrive(form, phone, server)
    page.goto(f"/apply/checkup/reservation/?day={there[0].slot.day}")
    looks(page, "waiting-pick", open_context, cookies_of=phone)
    page.get_by_role("button", name="キャンセル待ちに登録").first.click()
    expect(page.get_by_text("いまの順番は2番目です")).to_be_visible()
    looks(page, "waiting-mine", open_context)
    desk = open_context("desktop").new_page()
    make_staff("officer", (cast.children, Role.OFFICER), password=PASSWORD)
    log_in(desk, "officer")
    desk.goto("/admin/waiting/")
    expect(desk.get_by_text("見本 次郎")).to_be_visible()
    axe(desk, ".ledger")
    picture(desk, "waiting-desk-1280")
    desk.set_viewport_size({"width": 390, "height": 844})
    picture(desk, "waiting-desk-390")
    leave(desk.get_by_role("link", name="先頭に変える：見本 花子"))
    axe(desk, ".ledger")
    picture(desk, "waiting-front-390")
    desk.get_by_label("理由（必須）").fill("通院のため")
    desk.get_by_role("button", name="先頭に変える").click()
    expect(desk.get_by_text("順番を先頭に変えました")).to_be_visible()
    services.cancel(booking_id=there[0].pk)
    mine = WaitingEntry.objects.get(application=resident.draft)
    assert mine.state == Wait.OFFERED
    eventually(lambda: Message.objects.filter(template="waiting_offered", sent_at__isnull=False).exists())
    page.reload()
    expect(page.get_by_text("席を確保しました")).to_be_visible()
    looks(page, "waiting-offer", open_context)
    press(page, "予約の手続を進める")
    heading(page, "入力内容の確認")
    axe(page)
    picture(page, "waiting-check-390")
    press(page, "この内容で申請する")
    heading(page, "申請を受け付けました")

    def is_booked() -> bool:
        return Booking.objects.filter(application=resident.draft, state=State.CONFIRMED).exists()

    eventually(is_booked)


def open_lottery(desk: Page, day: date) -> None:
    desk.goto("/admin/lotteries/receptions/kenshin/new/")
    axe(desk, ".ledger")
    picture(desk, "lottery-new-1280")
    now = timezone.localtime()
    desk.get_by_label("名称").fill("2027年度 前期")
    for label, value in (
        ("対象の初日", f"{day}"),
        ("対象の最終日", f"{day}"),
        ("申込みの開始", f"{now - timedelta(hours=1):%Y-%m-%dT%H:%M}"),
        ("申込みの締切", f"{now + timedelta(days=1):%Y-%m-%dT%H:%M}"),
    ):
        desk.get_by_label(label).fill(value)
    leave(desk.get_by_role("button", name="保存"))
    axe(desk, ".ledger")
    picture(desk, "lottery-prepared-1280")
    desk.get_by_role("button", name="受付を始める").click()
    expect(desk.get_by_text("受付を始めました")).to_be_visible()


def test_a_lottery_from_the_wish_to_the_result(
    server: Server, phone: BrowserContext, open_context: OpenContext
) -> None:
    cast = make_cast()
    check_up = make_check_up(cast.children)
    form = make_checkup_form(cast, places="1")
    day = timezone.localdate() + timedelta(days=30)
    add_slots(check_up, 4, places=1, day=day)
    make_staff("officer", (cast.children, Role.OFFICER), password=PASSWORD)
    desk = open_context("desktop").new_page()
    log_in(desk, "officer")
    open_lottery(desk, day)
    resident, page = arrive(form, phone, server)
    page.goto("/apply/checkup/reservation/")
    heading(page, "抽選の希望")
    page.get_by_label("第1希望").select_option(index=1)
    page.get_by_label("第2希望").select_option(index=2)
    looks(page, "lottery-wish", open_context, cookies_of=phone)
    press(page, "この希望で確認画面へ進む")
    looks(page, "lottery-check", open_context, cookies_of=phone)
    press(page, "この内容で申請する")
    heading(page, "申請を受け付けました")
    picture(page, "lottery-done-390")
    lottery = Lottery.objects.get()
    Lottery.objects.update(closes_at=timezone.now())
    desk.reload()
    picture(desk, "lottery-closed-1280")
    desk.get_by_role("checkbox").check()
    desk.get_by_role("button", name="抽選する").click()
    expect(desk.get_by_text("抽選しました")).to_be_visible()
    axe(desk, ".ledger")
    picture(desk, "lottery-drawn-1280")
    desk.set_viewport_size({"width": 390, "height": 844})
    picture(desk, "lottery-drawn-390")
    desk.goto("/admin/lotteries/")
    picture(desk, "lottery-list-390")
    page.goto(reverse("lottery", args=(lottery.pk,)))
    looks(page, "lottery-public", open_context)
    application = Application.objects.get(pk=resident.draft.pk)
    assert Booking.objects.get(application=application).state == State.CONFIRMED

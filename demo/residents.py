"""What the residents of みほん市 have sent so far: made up, plausible, the same at every load."""

import random
from datetime import date, datetime, timedelta
from functools import cache
from io import BytesIO
from typing import Any

from django.utils import timezone
from PIL import Image, ImageDraw

from applications.lifecycle import declare, move
from applications.models import Application, Delivery, Event
from applications.services import attach, start_draft
from applications.status import Action
from cms.access import staff_of
from cms.models import Role
from dialogue.corrections import return_for_correction
from followup.addresses import mark_verified
from formbuilder.japanese.kana import to_bank_kana
from formbuilder.models import FormPage
from formbuilder.uploads.inspect import CheckedFile, inspect_upload
from formbuilder.uploads.policy import UploadPolicy

FAMILY = [
    ("佐藤", "サトウ"),
    ("鈴木", "スズキ"),
    ("高橋", "タカハシ"),
    ("田中", "タナカ"),
    ("伊藤", "イトウ"),
    ("渡邉", "ワタナベ"),
    ("山本", "ヤマモト"),
    ("中村", "ナカムラ"),
    ("小林", "コバヤシ"),
    ("加藤", "カトウ"),
    ("𠮷田", "ヨシダ"),
    ("山﨑", "ヤマザキ"),
    ("本間", "ホンマ"),
    ("五十嵐", "イガラシ"),
    ("長谷川", "ハセガワ"),
    ("阿部", "アベ"),
    ("髙木", "タカギ"),
    ("石川", "イシカワ"),
]
GIVEN = [
    ("陽菜", "ヒナ"),
    ("美咲", "ミサキ"),
    ("さくら", "サクラ"),
    ("結衣", "ユイ"),
    ("愛", "アイ"),
    ("七海", "ナナミ"),
    ("彩花", "アヤカ"),
    ("麻衣", "マイ"),
    ("千尋", "チヒロ"),
    ("香織", "カオリ"),
    ("恵", "メグミ"),
    ("裕子", "ユウコ"),
]
TOWNS = [
    ("9518550", "新潟市中央区", "学校町通1番町602-1"),
    ("9500087", "新潟市中央区", "東大通1-2-3"),
    ("9502002", "新潟市西区", "青山5-6-7"),
    ("9500001", "新潟市東区", "松浜本町2-3"),
    ("9560035", "新潟市秋葉区", "程島4-5"),
    ("9530041", "新潟市西蒲区", "巻甲6-7-8"),
]
BANKS = [
    ("0140", "第四北越銀行", "201", "本店営業部"),
    ("9900", "ゆうちょ銀行", "128", "一二八店"),
    ("0001", "みずほ銀行", "290", "新潟支店"),
]
# what became of an application once it had arrived, from the oldest to the newest
COURSES = [
    [Action.REVIEW, Action.APPROVE],
    [Action.REVIEW, Action.REJECT],
    [Action.REVIEW],
    [Action.REVIEW, Action.RETURN],
    [Action.WITHDRAW],
]


def submit_smile_gifts(form: FormPage, count: int) -> None:
    """`count` applications over the last 90 days, the older ones further on their way."""
    version = form.versions.get(is_current=True)
    chance = random.Random(20261122)
    now = timezone.now()
    for number in range(count):
        arrived = now - timedelta(days=90 * (1 - number / count), minutes=chance.randrange(600))
        answers = _answers(chance, timezone.localdate(arrived))
        draft = start_draft(version=version, answers=answers).application
        attach(draft.pk, field_key="techo", checked=_photo(), most=2)
        if answers["houhou"] == "shitei":
            attach(draft.pk, field_key="tsucho", checked=_photo(), most=2)
        mark_verified(draft, answers["mail"])
        draft.refresh_from_db(fields=["revision"])
        application = declare(draft.pk, revision=draft.revision)
        for action in _course(chance, number / count):
            if action == Action.RETURN:
                _send_back(application)
            else:
                move(application.pk, action)
        _backdate(application, arrived)


def _send_back(application: Application) -> None:
    officers = staff_of(application.department, {Role.OFFICER})
    if officer := officers.first():
        reason = "母子健康手帳の表紙の写真がぼけていて、番号を読めません。明るいところで、もう一度撮ってください。"
        return_for_correction(
            application.pk, actor=officer, revision=application.revision, reason=reason, keys=["techo"]
        )


def _answers(chance: random.Random, arrived: date) -> dict[str, Any]:
    family, given = chance.choice(FAMILY), chance.choice(GIVEN)
    postcode, city, town = chance.choice(TOWNS)
    reported = arrived - timedelta(days=chance.randrange(3, 40))
    many = chance.random() < 0.04
    by_account = chance.random() < 0.7
    answers: dict[str, Any] = {
        "doui": True,
        "mail": f"resident{chance.randrange(10_000):04d}@example.jp",
        "shimei": {"family": family[0], "given": given[0]},
        "kana": {"family": family[1], "given": given[1]},
        "birth": date(chance.randrange(1984, 2006), chance.randrange(1, 13), chance.randrange(1, 28)).isoformat(),
        "jusho": {"postcode": postcode, "prefecture": "新潟県", "city": city, "town": town, "building": ""},
        "tel": f"090-{chance.randrange(1000, 9999)}-{chance.randrange(1000, 9999)}",
        "todokede": reported.isoformat(),
        "yotei": (reported + timedelta(days=chance.randrange(150, 240))).isoformat(),
        "tatai": many,
        "houhou": "shitei" if by_account else "koukin",
    }
    if many:
        answers["kazu"] = str(chance.choice([2, 2, 2, 3]))
    if by_account:
        answers["kouza"] = _account(chance, family[1], given[1])
    return answers


def _account(chance: random.Random, family: str, given: str) -> dict[str, str]:
    bank, bank_name, branch, branch_name = chance.choice(BANKS)
    return {
        "bank_code": bank,
        "bank_name": bank_name,
        "branch_code": branch,
        "branch_name": branch_name,
        "kind": "1",
        "number": f"{chance.randrange(10**7):07d}",
        "holder": to_bank_kana(f"{family} {given}"),
    }


def _course(chance: random.Random, age: float) -> list[Action]:
    """age: 0 for the oldest, near 1 for the newest."""
    if age > 0.85:
        return []
    weights = [9, 1, 1, 1, 1] if age < 0.6 else [2, 1, 5, 2, 1]
    return chance.choices(COURSES, weights)[0]


def _backdate(application: Application, arrived: datetime) -> None:
    """The one place where history is not what the clock said: a sample has to look lived in."""
    Application.objects.filter(pk=application.pk).update(received_at=arrived, created_at=arrived, updated_at=arrived)
    events = Event.objects.filter(application=application).order_by("pk")
    for days, event in enumerate(events):
        Event.objects.filter(pk=event.pk).update(at=arrived + timedelta(days=max(0, days - 1)))
    if arrived < timezone.now() - timedelta(days=5):
        Delivery.objects.filter(event__application=application).delete()  # nobody waits for a mail of last month


@cache
def _photo() -> CheckedFile:
    """A drawn cover of a handbook, through the same checks as a resident's photograph."""
    picture = Image.new("RGB", (600, 800), "#f6d9de")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((60, 80, 540, 720), outline="#b0556a", width=6)
    draw.ellipse((200, 300, 400, 500), fill="#ffffff", outline="#b0556a", width=6)
    file = BytesIO()
    file.name = "techo.jpg"
    picture.save(file, "JPEG", quality=60)
    file.seek(0)
    return inspect_upload(file, UploadPolicy(frozenset({"jpeg"}), 10 * 1024**2))

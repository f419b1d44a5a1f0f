"""JSON in the shape of デジタル庁's GIF: A票 (who applies, to whom, when), alike for every form, and B票 (what for)."""

import json
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.utils import timezone

from exports.cases import Answered, Case

FORMAT, VERSION = "madoguchi-application", 1
BIRTH = "生年月日"


def gif_pieces(cases: Iterator[Case]) -> Iterator[bytes]:
    """A list of applications, one after the other."""
    yield f'{{"format":"{FORMAT}","version":{VERSION},"applications":['.encode()
    for number, case in enumerate(cases):
        yield (b",\n" if number else b"\n") + _json(gif_of(case))
    yield b"\n]}\n"


def _json(data: Any) -> bytes:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def gif_of(case: Case) -> dict[str, Any]:
    application = case.application
    assert application.received_at is not None
    return {
        "受付番号": application.reference,
        "受付日時": timezone.localtime(application.received_at).isoformat(timespec="seconds"),
        "受付方法": application.get_channel_display(),
        "状態": {"コード": application.status, "名称": application.get_status_display()},
        "A票": _form_a(case),
        "B票": _form_b(case),
    }


def _form_a(case: Case) -> dict[str, Any]:
    application = case.application
    declared = application.declared_on or timezone.localdate(application.received_at)
    birth = next((item for item in _of_type(case, "date") if BIRTH in item.field.definition.name), None)
    return {
        "宛先": {"団体名": settings.WAGTAIL_SITE_NAME, "所管課": application.department.name},
        "申請日": declared.isoformat(),
        "申請者": {
            "氏名": _name(case, "full_name"),
            "氏名カナ": _name(case, "kana_name"),
            "生年月日": birth.answer if birth else None,
            "住所": _address(case),
        },
        "連絡先": {"電話番号": _first(case, "phone"), "メールアドレス": _first(case, "email")},
        "本人確認等": [{"名称": label, "内容": text} for label, text in case.facts],
    }


def _form_b(case: Case) -> dict[str, Any]:
    application = case.application
    return {
        "名称": application.form.title,
        "手続コード": application.form.code,
        "版": application.version.number,
        "更新年月日": timezone.localdate(application.updated_at).isoformat(),
        "内容": [_content(section.title, item) for section in case.sections for item in section.items],
    }


def _content(step: str, item: Answered) -> dict[str, Any]:
    definition = item.field.definition
    content = {
        "画面": step,
        "項目名": definition.name,
        "項目キー": definition.key,
        "種類": definition.type,
        "値": item.answer,
        "表示": item.text,
    }
    if item.field.type.takes_files:
        content["添付ファイル"] = [
            {"ファイル名": file.name, "種類": file.content_type, "サイズ": file.size, "SHA-256": file.sha256}
            for file in item.files
        ]
    return content


def _of_type(case: Case, type_: str) -> Iterator[Answered]:
    return (item for item in case.items if item.field.definition.type == type_ and item.answer is not None)


def _first(case: Case, type_: str) -> Any:
    return next((item.answer for item in _of_type(case, type_)), None)


def _name(case: Case, type_: str) -> dict[str, str] | None:
    """Joined by one half-width space, as GIF has it."""
    name = _first(case, type_)
    if not name:
        return None
    family, given = name.get("family", ""), name.get("given", "")
    return {"氏": family, "名": given, "連結": " ".join(filter(None, (family, given)))}


def _address(case: Case) -> dict[str, str] | None:
    address = _first(case, "address")
    if not address:
        return None
    parts = {
        "郵便番号": address.get("postcode", ""),
        "都道府県": address.get("prefecture", ""),
        "市区町村": address.get("city", ""),
        "町字・番地以下": address.get("town", ""),
        "方書": address.get("building", ""),
    }
    joined = "".join(parts[name] for name in ("都道府県", "市区町村", "町字・番地以下"))
    return {**parts, "連結": " ".join(filter(None, (joined, parts["方書"]))), "国": "JPN"}

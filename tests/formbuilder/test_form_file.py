"""A form leaves as a file and comes back the same, here or elsewhere."""

import io
import json
import re
from copy import deepcopy
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from django.core.management import CommandError, call_command

from cms.models import DepartmentPage
from demo.load import FORMS
from formbuilder.exporting import export_form
from formbuilder.fields import FIELD_TYPES
from formbuilder.importing import import_form
from formbuilder.models import FormPage, FormVersion
from formbuilder.package import FORMAT, SCHEMA, VERSION, PackageRefused
from tests.support.cast import Cast, item
from tests.support.surroundings import ROOT

SMILE_GIFT = json.loads((FORMS / "smile-gift.json").read_text(encoding="utf-8"))
SOME_RICH_TEXT = (
    '<p>説明 <b>太字</b> <a href="https://example.jp/">リンク</a></p><ul><li>一つ</li></ul><h3>小見出し</h3>'
)
A_CONDITION = {
    "rows": [
        {"field": "key-yes_no", "operator": "eq", "value": "ある"},
        {"field": "key-address.city", "operator": "not_starts_with", "value": "新潟市"},
    ],
    "match": "any",
}
# of every type, every setting away from its default
ALONE = {name: type_ for name, type_ in FIELD_TYPES.items() if not type_.needs}  # the others stand for a gate
SETTINGS: dict[str, dict[str, Any]] = {
    "text": {
        "max_length": 7,
        "min_length": 2,
        "width": "s",
        "placeholder": "例",
        "autocomplete": "organization",
        "pattern": "[A-Z]{2}[0-9]+",
        "pattern_example": "AB12",
        "pattern_message": "英字2文字と数字で入力してください。",
    },
    "textarea": {"max_length": 30, "rows": 9, "placeholder": "例"},
    "number": {"min": "-1.5", "max": "20", "unit": "kg", "decimals": 1},
    "quantity": {"min": "1", "max": "20", "unit": "世帯"},
    "money": {"min": "100", "max": "9000"},
    "date_range": {"max_days": 30},
    "time": {"earliest": "9:00", "latest": "17:00"},
    "datetime": {},
    "url": {},
    "kana": {},
    "corporate_number": {},
    "age": {"birthday": "項目 date", "on": "fiscal_end"},
    "spot": {},
    "prefecture": {},
    "linked": {
        "first_label": "場所",
        "second_label": "もの",
        "groups": [{"label": "川", "choices": "橋\n護岸"}, {"label": "海", "choices": "橋"}],
    },
    "matrix": {"rows": [{"label": "一", "code": "a"}], "choices": [{"label": "よい", "code": "y"}], "every_row": False},
    "goods": {
        "things": [{"label": "写し", "code": "a", "price": 300, "most": 3}],
        "most": 3,
        "counter": "通",
    },
    "signature": {},
    "listed": {"table": "1,赤塚,あかつか\n2,内野"},
    "rating": {"steps": 3, "low": "悪い", "high": "よい"},
    "refund_account": {},
    "notice": {"tone": "warning", "message": SOME_RICH_TEXT},
    "page_link": {"url": "https://www.example.jp/"},
    "email": {},
    "phone": {},
    "full_name": {"single": True},
    "kana_name": {"single": True},
    "date": {"not_future": True, "birthday": True, "min_age": 3, "max_age": 99},
    "address": {},
    "yes_no": {"yes_label": "ある", "no_label": "ない"},
    "choice": {"choices": [{"label": "甲", "code": "a"}, {"label": "乙", "code": ""}], "widget": "select"},
    "choices": {"choices": [{"label": "丙", "code": "c"}, {"label": "丁", "code": "d"}], "min": 1, "max": 2},
    "consent": {"statement": "読みました"},
    "photo": {"min_files": 2, "max_files": 3, "max_mb": 5, "keep_location": True, "camera": True},
    "file": {"min_files": 2, "max_files": 3, "max_mb": 5},
    "bank_account": {},
    "computed": {"formula": "=［数］*2+1", "unit": "円"},
    "rich_text": {"html": SOME_RICH_TEXT},
    "heading": {"level": "3"},
    "stop": {"message": SOME_RICH_TEXT},
    "repeat": {
        "word": "粗大ごみ",
        "counter": "点",
        "min": 2,
        "max": 20,
        "add_label": "粗大ごみを足す",
        "fields": [
            {"id": "row-text", "type": "text", "settings": {"label": "品名", "max_length": 9}},
            {
                "id": "row-fee",
                "type": "computed",
                "settings": {"label": "手数料", "formula": "=［数］*文字数(［品名］)"},
            },
        ],
    },
}


def every_type() -> dict[str, Any]:
    fields = []
    for name, type_ in ALONE.items():
        known = type_.block().child_blocks
        usual: dict[str, Any] = {
            "label": f"見出し {name}",
            "help": "<説明> & “引用”",
            "name": "数" if name == "number" else f"項目 {name}",
            "sensitive": not type_.sensitive,
            "required": False,
            "required_if": A_CONDITION,
            "rules": [{"formula": "=［数］>0", "message": "数は0より大きくしてください。"}],
            "condition": A_CONDITION,
        }
        if name in ("yes_no", "address", "number"):
            del usual["condition"]
        settings = {key: value for key, value in usual.items() if key in known} | SETTINGS[name]
        fields.append({"id": f"key-{name}", "type": name, "settings": settings})
    return {
        "format": FORMAT,
        "version": VERSION,
        "form": {
            "title": "すべての種類",
            "code": "subete",
            "summary": "概要",
            "guide": SOME_RICH_TEXT,
            "after": SOME_RICH_TEXT,
            "minutes": 20,
            "presentation": "questions",
            "standard_days": 14,
        },
        "steps": [
            {"id": "s1", "title": "一", "intro": SOME_RICH_TEXT, "fields": fields},
            {"id": "s2", "title": "二", "condition": A_CONDITION, "fields": [item("text", "最後", key="z")]},
        ],
        "requires": [],
    }


@pytest.fixture
def section(cast: Cast) -> DepartmentPage:
    return DepartmentPage.objects.get(department=cast.children)


@pytest.fixture
def elsewhere(cast: Cast) -> DepartmentPage:
    return DepartmentPage.objects.get(department=cast.waste)


def through_json(data: Any) -> Any:
    return json.loads(json.dumps(data, ensure_ascii=False))


# --- out and in again


@pytest.mark.parametrize("data", [SMILE_GIFT, every_type()], ids=["smile-gift", "every type"])
def test_a_form_comes_back_the_same_under_another_code(
    data: dict[str, Any], section: DepartmentPage, elsewhere: DepartmentPage
) -> None:
    first = through_json(export_form(import_form(data, section=section, publish=True)))
    jsonschema.validate(first, SCHEMA)
    other = deepcopy(first)
    other["form"]["code"] = "another-code"
    second = through_json(export_form(import_form(other, section=elsewhere, publish=True)))
    assert second["form"].pop("code") == "another-code"
    first["form"].pop("code")
    assert second == first
    digests = FormVersion.objects.values_list("digest", flat=True)
    assert len(digests) == 2
    assert set(digests) == {first["digest"]}


def test_every_setting_of_every_type_is_in_the_file(section: DepartmentPage) -> None:
    data = every_type()
    exported = export_form(import_form(data, section=section))
    assert exported["form"] == data["form"]
    for was, now in zip(data["steps"][0]["fields"], exported["steps"][0]["fields"], strict=True):
        assert now == was
    assert exported["steps"] == data["steps"]
    covered = {name: set(settings) for name, settings in SETTINGS.items()}
    for name, type_ in ALONE.items():
        assert covered[name] >= {own for own, _ in type_.own_blocks()} - {"not_past"}, name


def test_settings_with_their_default_are_left_out(section: DepartmentPage) -> None:
    data = every_type()
    data["steps"] = [{"id": "s1", "title": "一", "fields": [item("text", "氏名", key="a")]}]
    [step] = export_form(import_form(data, section=section))["steps"]
    assert step == {"id": "s1", "title": "一", "fields": [item("text", "氏名", key="a")]}


def test_a_broken_draft_may_be_handed_over(section: DepartmentPage, elsewhere: DepartmentPage) -> None:
    data = every_type()
    data["steps"] = [
        {"id": "s1", "fields": [item("number", "", key="a", decimals=None), item("stop", "対象外", key="b")]},
        {"id": "s2", "title": "空", "fields": []},
    ]
    first = through_json(export_form(import_form(data, section=section)))
    assert "digest" not in first
    first["form"]["code"] = "another-code"
    second = export_form(import_form(first, section=elsewhere))
    assert second == first
    assert [field["settings"].get("label") for field in second["steps"][0]["fields"]] == [None, "対象外"]


def test_a_page_made_by_a_program_has_ids_in_its_file(section: DepartmentPage) -> None:
    page = FormPage(title="題名", body=[("step", {"title": "画面", "fields": [("text", {"label": "氏名"})]})])
    exported = through_json(export_form(page))
    jsonschema.validate(exported, SCHEMA)
    import_form(exported, section=section, publish=True)


def test_paragraph_numbers_of_the_rich_text_editor_do_not_travel(section: DepartmentPage) -> None:
    page = import_form(every_type(), section=section, publish=True)
    digest = page.versions.get().digest
    page.guide = page.guide.replace("<p>", '<p data-block-key="a1b2c">')
    page.body[0].value["intro"].source = '<p data-block-key="d3e4f">' + SOME_RICH_TEXT.removeprefix("<p>")
    page.save_revision().publish()
    assert page.versions.get().digest == digest  # and they make no new version
    assert "data-block-key" not in json.dumps(export_form(FormPage.objects.get(pk=page.pk)))


def test_links_to_pages_and_documents_of_the_site_stay_links(section: DepartmentPage) -> None:
    data = every_type()
    link = f'<p><a linktype="page" id="{section.pk}">課のページ</a> <a linktype="document" id="7">様式</a></p>'
    data["form"]["guide"] = data["steps"][0]["intro"] = link
    page = import_form(data, section=section)
    assert page.guide == link
    assert export_form(page)["steps"][0]["intro"] == link


# --- taken again


def test_the_same_file_twice_is_one_form_and_one_version(section: DepartmentPage) -> None:
    first = import_form(SMILE_GIFT, section=section, publish=True)
    second = import_form(SMILE_GIFT, section=section, publish=True)
    assert second.pk == first.pk
    assert second.versions.get().is_current


def test_a_changed_file_is_a_draft_until_it_is_published(section: DepartmentPage) -> None:
    page = import_form(SMILE_GIFT, section=section, publish=True)
    changed = deepcopy(SMILE_GIFT)
    changed["form"]["title"] = "新しい題名"
    page = import_form(changed, section=section)
    assert page.title == SMILE_GIFT["form"]["title"]
    assert page.get_latest_revision_as_object().title == "新しい題名"
    assert page.has_unpublished_changes
    assert [version.number for version in page.versions.all()] == [1]
    page = import_form(changed, section=section, publish=True)
    assert page.title == "新しい題名"
    assert page.versions.get(is_current=True).number == 2


def test_what_the_file_leaves_out_is_empty_afterwards(section: DepartmentPage) -> None:
    import_form(every_type(), section=section)
    bare = every_type()
    bare["form"] = {"title": "題名", "code": "subete"}
    page = import_form(bare, section=section, publish=True)
    assert (page.summary, page.guide, page.after, page.minutes) == ("", "", "", None)


def test_a_form_of_another_department_is_never_changed(section: DepartmentPage, elsewhere: DepartmentPage) -> None:
    import_form(SMILE_GIFT, section=section, publish=True)
    with pytest.raises(PackageRefused, match="ほかの所管課"):
        import_form(SMILE_GIFT, section=elsewhere, publish=True)


def test_a_file_without_a_code_makes_a_form_each_time(section: DepartmentPage) -> None:
    data = every_type()
    del data["form"]["code"]
    assert import_form(data, section=section).code != import_form(data, section=section).code


def test_a_neighbour_with_the_same_slug_is_no_hindrance(section: DepartmentPage) -> None:
    guide = import_form(every_type(), section=section)
    guide.slug = "smile-gift"
    guide.save()
    page = import_form(SMILE_GIFT, section=section, publish=True)
    assert (page.code, page.slug) == ("smile-gift", "smile-gift-2")


# --- as commands


def test_the_commands_write_and_take_a_file(section: DepartmentPage, tmp_path: Path) -> None:
    file = tmp_path / "form.json"
    import_form(SMILE_GIFT, section=section, publish=True)
    call_command("form_export", "smile-gift", str(file))
    said = io.StringIO()
    call_command("form_import", str(file), department="kodomo", publish=True, stdout=said)
    assert "（/apply/smile-gift/）を公開しました。" in said.getvalue()
    shown = io.StringIO()
    call_command("form_export", "smile-gift", live=True, stdout=shown)
    assert json.loads(shown.getvalue()) == json.loads(file.read_text(encoding="utf-8"))


def test_a_file_saved_by_a_windows_editor_is_taken(section: DepartmentPage, tmp_path: Path) -> None:
    file = tmp_path / "form.json"
    file.write_bytes(json.dumps(SMILE_GIFT, ensure_ascii=False, indent=1).replace("\n", "\r\n").encode("utf-8-sig"))
    call_command("form_import", str(file), department="kodomo", stdout=io.StringIO())
    assert FormPage.objects.get(code="smile-gift").live is False


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("form_export", "nothing"), "申請フォーム「nothing」がありません。"),
        (("form_export", "draft-only", "--live"), "公開されていません。"),
        (("form_export", "draft-only", "no/such/folder.json"), "ファイルに書けません"),
        (("form_import", "no/such/file.json", "--department", "kodomo"), "ファイルを読めません"),
        (("form_import", "pyproject.toml", "--department", "kodomo"), "JSONとして読めません"),
        (("form_import", "pyproject.toml", "--department", "nowhere"), "識別名「nowhere」の所管課"),
    ],
)
def test_a_command_that_cannot_says_why(arguments: tuple[str, ...], message: str, section: DepartmentPage) -> None:
    data = every_type()
    data["form"]["code"] = "draft-only"
    import_form(data, section=section)
    with pytest.raises(CommandError, match=re.escape(message)):
        call_command(*arguments)


# --- the documents


def test_the_schema_in_the_documents_is_the_one_that_files_are_checked_against() -> None:
    """Written by: python manage.py form_export --schema > docs/form-file.schema.json"""
    written = (ROOT / "docs" / "form-file.schema.json").read_text(encoding="utf-8")
    assert json.loads(written) == SCHEMA
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_the_example_in_the_documents_can_be_taken(section: DepartmentPage) -> None:
    [example] = re.findall(
        r"```json\n(.*?)```", (ROOT / "docs" / "form-file.md").read_text(encoding="utf-8"), re.DOTALL
    )
    page = import_form(json.loads(example), section=section, publish=True)
    assert page.live


def test_the_forms_of_the_demo_follow_the_schema() -> None:
    for path in FORMS.glob("*.json"):
        jsonschema.validate(json.loads(path.read_text(encoding="utf-8")), SCHEMA)

"""The staff screens are Japanese: the project's catalogue fills the gaps of the installed packages."""

from pathlib import Path

import polib  # type: ignore[import-untyped]  # polib ships no types
import pytest

from scripts import messages


@pytest.fixture
def catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the catalogues that a test may spoil; returns the .po of the pages."""
    for domain in messages.DOMAINS:
        for suffix in ("po", "mo"):
            name = f"{domain}.{suffix}"
            (tmp_path / name).write_bytes((messages.CATALOGUES / name).read_bytes())
    monkeypatch.setattr(messages, "CATALOGUES", tmp_path)
    return tmp_path / "django.po"


def change(po: Path, message: str, translation: str) -> None:
    entries = polib.pofile(str(po))
    entry = entries.find(message)
    entry.msgstr = translation
    entries.save()


def test_every_message_of_the_installed_packages_has_a_japanese_text() -> None:
    assert messages.problems() == []
    assert messages.main(["check"]) == 0


def test_no_text_repeats_a_message_in_english() -> None:
    untouched = {"ID", "Wagtail API v2", "%(time)s"}  # proper names and bare values
    for domain in messages.DOMAINS:
        for entry in polib.pofile(str(messages.CATALOGUES / f"{domain}.po")):
            text = entry.msgstr_plural[0] if entry.msgid_plural else entry.msgstr
            assert text != entry.msgid or text in untouched, text


def test_the_word_for_an_application_is_never_used_for_approving_a_page() -> None:
    for domain in messages.DOMAINS:
        assert "申請" not in (messages.CATALOGUES / f"{domain}.po").read_text(encoding="utf-8")


def test_a_message_without_a_text_is_named(catalogue: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change(catalogue, "Help", "")
    messages.compile_all()
    assert messages.main(["check"]) == 1
    assert "no translation (wagtail): 'Help'" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("message", "spoilt"),
    [
        ("'%(object)s' unpublished.", "「%(obj)s」の公開を取り下げました。"),
        ("You have <span>unsaved edits</span>", "<b>保存していない変更</b>があります"),
        ('Expected a list of items but got type "{input_type}".', "一覧の形のデータが必要です。"),
    ],
)
def test_a_text_with_other_placeholders_is_named(catalogue: Path, message: str, spoilt: str) -> None:
    change(catalogue, message, spoilt)
    messages.compile_all()
    assert messages.problems() == [f"django: placeholders differ: {message!r} -> {spoilt!r}"]


def test_a_change_is_stale_until_it_is_compiled(catalogue: Path) -> None:
    change(catalogue, "Help", "手引き")
    assert [line for line in messages.problems() if "compile" in line] == [
        "django: django.mo does not match django.po; run: python scripts/messages.py compile"
    ]
    messages.compile_all()
    assert messages.problems() == []

"""Sensitive answers are sealed, bound to where they belong, and outlive a change of key."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from applications.answers import opened, sealed
from applications.models import Application
from applications.vault import VaultError, is_sealed, open_sealed, seal
from tests.support.cast import SOMEBODY, Cast, answers_by_key, current_version, draft, item, key_of, make_form

ACCOUNT = {
    "bank_code": "0140",
    "bank_name": "第四北越銀行",
    "branch_code": "201",
    "branch_name": "本店",
    "kind": "1",
    "number": "1234567",
    "holder": "ﾐﾎﾝ ﾊﾅｺ",
}
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(json_values)
def test_what_is_sealed_can_be_opened(answer: object) -> None:
    box = seal(answer, "application", "field")
    assert is_sealed(box)
    assert open_sealed(box, "application", "field") == answer


@pytest.mark.parametrize(("application", "field"), [("other", "field"), ("application", "other")])
def test_a_sealed_answer_does_not_open_elsewhere(application: str, field: str) -> None:
    with pytest.raises(VaultError):
        open_sealed(seal("1234567", "application", "field"), application, field)


@pytest.mark.parametrize("change", ["x", "", "é", "AAAA"])
def test_a_changed_box_does_not_open(change: str) -> None:
    box = seal("1234567", "a", "f")["sealed"]
    with pytest.raises(VaultError):
        open_sealed({"sealed": box[:-6] + change}, "a", "f")


def test_the_first_key_seals_and_every_key_opens(settings: Settings) -> None:
    settings.VAULT_KEYS = ["old"]
    box = seal("secret", "a", "f")
    settings.VAULT_KEYS = ["new", "old"]
    assert open_sealed(box, "a", "f") == "secret"
    assert seal("secret", "a", "f")["sealed"].partition(".")[0] != box["sealed"].partition(".")[0]
    settings.VAULT_KEYS = ["new"]
    with pytest.raises(VaultError, match="no key"):
        open_sealed(box, "a", "f")


def test_an_account_number_never_reaches_the_database_in_the_clear(cast: Cast) -> None:
    application = draft(cast.form, {**SOMEBODY, "振込先": ACCOUNT})
    answers = Application.objects.values_list("answers", flat=True).get(pk=application.pk)
    stored = json.dumps(answers, ensure_ascii=False)
    assert "1234567" not in stored
    assert "ﾐﾎﾝ" not in stored
    assert "見本" in stored
    assert opened(application)[key_of("振込先")] == ACCOUNT


def test_answers_that_are_not_sensitive_stay_readable(cast: Cast) -> None:
    version = current_version(cast.form)
    answers = answers_by_key(version, SOMEBODY)
    assert sealed(version.engine, "x", answers) == answers


def test_what_is_calculated_from_a_secret_is_a_secret(cast: Cast) -> None:
    steps = {
        "収入": [
            item("number", "年収", sensitive=True),
            item("computed", "月収", formula="=［年収］/12"),
            item("computed", "半月分", formula="=［月収］/2"),
            item("number", "人数"),
            item("computed", "倍", formula="=［人数］*2"),
        ]
    }
    definition = current_version(make_form(cast.children, code="income", steps=steps)).engine.definition
    assert {field.name for field in definition.fields() if field.sensitive} == {"年収", "月収", "半月分"}

"""The cast that every test shares: two departments, one member of staff for each role, one form, and a way to apply.

    children = make_department()                       # こども家庭課
    form = make_form(children, steps={"申請者": [item("full_name", "氏名"), item("text", "備考", required=False)]})
    application = submit(form, {"氏名": {"family": "見本", "given": "花子"}})

Items are named as in the form; `answers_by_key` turns those names into the keys that answers are kept under.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.contrib.auth import get_user_model
from django.utils.timezone import localdate
from wagtail.models import Page, Site

from applications.answers import opened
from applications.journey import Journey
from applications.lifecycle import declare
from applications.models import Application, Channel
from applications.services import start_draft
from cms.access import set_up_roles
from cms.models import Department, DepartmentPage, HomePage, Role
from cms.services import establish
from formbuilder.importing import import_form
from formbuilder.models import FormPage, FormVersion
from formbuilder.package import FORMAT, VERSION
from staff.models import User
from tests.support.rehearsed import rehearsed

PASSWORD = "mihon-no-password-1"  # of everybody, for tests that log in by hand

Steps = Mapping[str, Sequence[dict[str, Any]]]


# --- places and people


def make_home() -> HomePage:
    """The site's first page."""
    home = HomePage.objects.first()
    if home is None:
        root = Page.objects.get(depth=1)
        home = root.add_child(instance=HomePage(title="みほん市", slug="mihon"))
        Site.objects.update_or_create(is_default_site=True, defaults={"hostname": "localhost", "root_page": home})
    return home


def make_department(name: str = "こども家庭課", code: str = "kodomo") -> Department:
    """A department with its part of the site and its groups."""
    make_home()
    department = Department.objects.create(name=name, code=code)
    establish(department)
    return department


def make_staff(username: str, *posts: tuple[Department, Role], password: str | None = None) -> User:
    """A member of staff in the groups of these posts. Without a password only `force_login` lets them in."""
    user = get_user_model().objects.create_user(username, f"{username}@example.jp", password)
    for department, role in posts:
        user.groups.add(set_up_roles(department)[role])
    return user


def make_admin(username: str = "admin", password: str | None = None) -> User:
    """Runs the system, and has no role in any department."""
    return get_user_model().objects.create_superuser(username, f"{username}@example.jp", password)


# --- forms


def item(type_: str, name: str, *, key: str = "", **settings: Any) -> dict[str, Any]:
    """An item of a form, as in a form file. The same name has the same key in every version, unless one is given."""
    return {"id": key or key_of(name), "type": type_, "settings": {"label": name, **settings}}


def key_of(name: str) -> str:
    return f"k{hashlib.sha256(name.encode()).hexdigest()[:12]}"


def when(name: str, operator: str, value: str = "") -> dict[str, Any]:
    """A 表示条件: `condition=when("多胎", "eq", "はい")`."""
    return {"rows": [{"field": key_of(name), "operator": operator, "value": value}], "match": "all"}


USUAL_STEPS: Steps = {
    "申請者": [
        item("full_name", "氏名"),
        item("kana_name", "フリガナ"),
        item("email", "メールアドレス", required=False),
        item("phone", "電話番号", required=False),
    ],
    "内容": [
        item("text", "備考", required=False),
        item("bank_account", "振込先", required=False, sensitive=True),
    ],
}


def make_form(
    department: Department, *, title: str = "出産応援ギフト", code: str = "gift", steps: Steps = USUAL_STEPS
) -> FormPage:
    """A published form; called again with the same code, a newer version of it."""
    data = {
        "format": FORMAT,
        "version": VERSION,
        "form": {"title": title, "code": code},
        "steps": [
            {"id": key_of(f"画面 {name}"), "title": name, "fields": list(items)} for name, items in steps.items()
        ],
    }
    return load_form(data, department)


def load_form(data: dict[str, Any], department: Department) -> FormPage:
    """The form of a form file, published in the department's section."""
    section = DepartmentPage.objects.get(department=department)
    name = json.dumps([department.pk, data], ensure_ascii=False)
    (key,) = rehearsed(name, lambda: (import_form(data, section=section, publish=True).pk,))
    return FormPage.objects.get(pk=key)


def current_version(form: FormPage) -> FormVersion:
    return FormVersion.objects.get(form=form, is_current=True)


# --- applications

SOMEBODY: Mapping[str, Any] = {
    "氏名": {"family": "見本", "given": "花子"},
    "フリガナ": {"family": "ミホン", "given": "ハナコ"},
}


def answers_by_key(version: FormVersion, answers: Mapping[str, Any]) -> dict[str, Any]:
    """key -> answer, from the names of items. An unknown name is a mistake in the test."""
    keys = {field.name: field.key for field in version.engine.definition.fields()}
    return {keys[name]: answer for name, answer in answers.items()}


def draft(form: FormPage, answers: Mapping[str, Any] = SOMEBODY, *, channel: Channel = Channel.WEB) -> Application:
    """A draft of the form's current version."""
    version = current_version(form)
    return start_draft(version=version, answers=answers_by_key(version, answers), channel=channel).application


def submit(form: FormPage, answers: Mapping[str, Any] = SOMEBODY, *, channel: Channel = Channel.WEB) -> Application:
    """An application as it is after the resident declared it."""
    application = draft(form, answers, channel=channel)
    journey = Journey(application.version.engine, opened(application), localdate())
    assert journey.current is None, journey.problems(journey.current)
    return declare(application.pk, revision=application.revision)


# --- everybody at once


@dataclass(frozen=True)
class Cast:
    """Two departments and their staff, each made when first asked for."""

    children: Department
    waste: Department

    @cached_property
    def officer(self) -> User:
        return make_staff("officer", (self.children, Role.OFFICER))

    @cached_property
    def approver(self) -> User:
        return make_staff("approver", (self.children, Role.APPROVER))

    @cached_property
    def exporter(self) -> User:
        return make_staff("exporter", (self.children, Role.EXPORTER))

    @cached_property
    def auditor(self) -> User:
        return make_staff("auditor", (self.children, Role.AUDITOR))

    @cached_property
    def editor(self) -> User:
        return make_staff("editor", (self.children, Role.EDITOR))

    @cached_property
    def publisher(self) -> User:
        return make_staff("publisher", (self.children, Role.PUBLISHER))

    @cached_property
    def other_officer(self) -> User:
        """Of another department."""
        return make_staff("other_officer", (self.waste, Role.OFFICER))

    @cached_property
    def admin(self) -> User:
        return make_admin()

    @cached_property
    def form(self) -> FormPage:
        return make_form(self.children)

    @cached_property
    def other_form(self) -> FormPage:
        return make_form(self.waste, title="粗大ごみ", code="sodai")


def make_cast() -> Cast:
    keys = rehearsed("cast", lambda: (make_department().pk, make_department("環境課", "kankyo").pk))
    children, waste = (Department.objects.get(pk=key) for key in keys)
    return Cast(children=children, waste=waste)

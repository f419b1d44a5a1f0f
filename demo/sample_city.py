"""みほん市: departments, their part of the site, and one account for every role."""

from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from wagtail.models import Page, Site
from wagtail.users.models import UserProfile

from cms.models import Department, DepartmentPage, GuidePage, HomePage, Role
from cms.services import establish


@dataclass(frozen=True, slots=True)
class Account:
    """A member of staff. roles: (department code, role) pairs; none and `admin`: runs the system."""

    username: str
    name: tuple[str, str]
    roles: tuple[tuple[str, Role], ...] = ()
    admin: bool = False

    @property
    def title(self) -> str:
        if self.admin:
            return "システム管理者"
        names = {code: name for code, name, *_ in DEPARTMENTS}
        return "、".join(f"{names[code]} {role.label}" for code, role in self.roles)


DEPARTMENTS = [
    ("kodomo", "こども家庭課", "025-000-1001", "kodomo@example.jp", "妊娠・出産・子育ての手続"),
    ("shimin", "市民課", "025-000-1002", "shimin@example.jp", "住民票・戸籍・転入転出の手続"),
    ("kenko", "健康増進課", "025-000-1003", "kenko@example.jp", "健診・予防接種の手続"),
    ("kankyo", "環境課", "025-000-1004", "kankyo@example.jp", "ごみ・リサイクルの手続"),
]
ACCOUNTS = [
    Account("admin", ("管理", "太郎"), admin=True),
    Account("editor", ("作田", "結衣"), (("kodomo", Role.EDITOR),)),
    Account("publisher", ("公野", "誠"), (("kodomo", Role.EDITOR), ("kodomo", Role.PUBLISHER))),
    Account("officer", ("担当", "花子"), (("kodomo", Role.OFFICER),)),
    Account("approver", ("決田", "一郎"), (("kodomo", Role.APPROVER),)),
    Account("exporter", ("出村", "翔"), (("kodomo", Role.EXPORTER),)),
    Account("auditor", ("監物", "静"), (("kodomo", Role.AUDITOR),)),
    Account(
        "shimin", ("市川", "陽子"), (("shimin", Role.EDITOR), ("shimin", Role.PUBLISHER), ("shimin", Role.OFFICER))
    ),
    Account("kankyo", ("清水", "環"), (("kankyo", Role.EDITOR), ("kankyo", Role.PUBLISHER), ("kankyo", Role.OFFICER))),
    Account("kenko", ("健田", "歩"), (("kenko", Role.EDITOR), ("kenko", Role.PUBLISHER), ("kenko", Role.OFFICER))),
]


def build_site() -> HomePage:
    """The home page in the place of Wagtail's welcome page."""
    root = Page.objects.get(depth=1)
    Page.objects.filter(depth=2, slug="home").delete()
    root = Page.objects.get(pk=root.pk)
    home = root.add_child(
        instance=HomePage(
            title=settings.WAGTAIL_SITE_NAME, slug="home", summary="スマートフォンから、いつでも申請できます。"
        )
    )
    Site.objects.update_or_create(
        is_default_site=True, defaults={"hostname": "localhost", "port": 80, "root_page": home, "site_name": home.title}
    )
    home.add_child(
        instance=GuidePage(
            title="このサイトの使い方",
            slug="guide",
            body="<p>手続を選び、画面の案内に沿って入力してください。入力の途中でも内容は保存されます。</p>",
        )
    )
    return home


def build_departments(home: HomePage) -> dict[str, DepartmentPage]:
    """Departments by code, each with its groups and its part of the site."""
    sections = {}
    for order, (code, name, phone, email, summary) in enumerate(DEPARTMENTS):
        department = Department.objects.create(code=code, name=name, phone=phone, email=email, order=order)
        section = establish(department)
        section.summary = summary
        section.save_revision().publish()
        sections[code] = section
    return sections


def build_accounts(password: str) -> None:
    """Every account of ACCOUNTS, all with one password."""
    hashed = make_password(password)  # once: it takes a fifth of a second on purpose
    for account in ACCOUNTS:
        user = get_user_model().objects.create(
            username=account.username,
            email=f"{account.username}@example.jp",
            password=hashed,
            last_name=account.name[0],
            first_name=account.name[1],
            is_superuser=account.admin,
            is_staff=account.admin,
        )
        for code, role in account.roles:
            user.groups.add(Group.objects.get(department_role__department__code=code, department_role__role=role))
        UserProfile.objects.create(user=user, preferred_language="ja", current_time_zone=settings.TIME_ZONE)

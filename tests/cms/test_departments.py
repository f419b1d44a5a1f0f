"""A department comes with its part of the site, its roles, and the second person's approval."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from wagtail.models import GroupPagePermission, Workflow

from cms.access import departments_for, has_role, set_up_roles
from cms.models import DepartmentPage, DepartmentRole, Role
from cms.services import establish
from tests.support.cast import Cast, make_admin, make_cast, make_form, make_staff

EDITS = {"add_page", "change_page"}


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


def test_establishing_again_makes_nothing_twice(cast: Cast) -> None:
    before = (Group.objects.count(), DepartmentPage.objects.count(), GroupPagePermission.objects.count())
    workflows = Workflow.objects.count()
    section = establish(cast.children)
    assert section == DepartmentPage.objects.get(department=cast.children)
    assert before == (Group.objects.count(), DepartmentPage.objects.count(), GroupPagePermission.objects.count())
    assert Workflow.objects.count() == workflows


def test_each_role_has_the_page_permissions_of_its_own_section_and_no_others(cast: Cast) -> None:
    section = DepartmentPage.objects.get(department=cast.children)
    for role in Role:
        group = DepartmentRole.objects.get(department=cast.children, role=role).group
        granted = GroupPagePermission.objects.filter(group=group).select_related("permission")
        assert {grant.page_id for grant in granted} <= {section.pk}
        wanted = {
            Role.EDITOR: EDITS,
            Role.PUBLISHER: EDITS | {"publish_page", "lock_page", "unlock_page"},
        }.get(role, set())
        assert {grant.permission.codename for grant in granted} == wanted


def test_publishers_of_the_department_approve_what_its_editors_wrote(cast: Cast) -> None:
    section = DepartmentPage.objects.get(department=cast.children)
    page = make_form(cast.children)
    workflow = page.get_workflow()
    assert workflow == section.get_workflow()
    (task,) = workflow.tasks
    assert list(task.specific.groups.all()) == [set_up_roles(cast.children)[Role.PUBLISHER]]
    state = workflow.start(page, cast.editor)
    assert [action for action, *_ in state.current_task_state.task.specific.get_actions(page, cast.publisher)]
    assert not state.current_task_state.task.specific.get_actions(page, cast.other_officer)


def test_who_is_not_active_or_has_no_role_belongs_nowhere(cast: Cast) -> None:
    leaver = make_staff("leaver", (cast.children, Role.OFFICER))
    assert has_role(leaver, Role, cast.children)
    assert not has_role(leaver, Role, cast.waste)
    leaver.is_active = False
    leaver.save()
    assert not departments_for(leaver, Role).exists()
    assert not departments_for(make_admin("root"), Role).exists()


def test_nobody_can_close_a_guide_page_and_leave_its_form_open(cast: Cast) -> None:
    assert make_form(cast.children).private_page_options == []


def test_a_page_editor_cannot_give_the_department_away() -> None:
    names = {panel.field_name for panel in DepartmentPage.content_panels if hasattr(panel, "field_name")}
    assert "department" not in names


def test_the_page_chooser_shows_no_drafts_of_another_department(cast: Cast, client: Client) -> None:
    form = make_form(cast.children, title="まだ秘密の給付金", code="secret")
    form.unpublish()
    parent = form.get_parent()
    for user, finds in ((cast.publisher, True), (cast.other_officer, False), (cast.officer, False)):
        client.force_login(user)
        page = client.get(f"/admin/choose-page/{parent.pk}/", {"page_type": "wagtailcore.page"}).json()["html"]
        assert ("まだ秘密の給付金" in page) is finds


def test_the_part_of_the_site_of_a_department_is_not_copied(cast: Cast, client: Client) -> None:
    section = DepartmentPage.objects.get(department=cast.children)
    client.force_login(make_admin("root"))
    fields = {
        "new_title": "写し",
        "new_slug": "copy",
        "new_parent_page": section.get_parent().pk,
        "copy_subpages": "on",
    }
    for page, extra in ((section, {}), (section, {"alias": "on"}), (section.get_parent(), {})):
        address = reverse("wagtailadmin_pages:copy", args=(page.pk,))
        for answer in (client.get(address, follow=True), client.post(address, {**fields, **extra}, follow=True)):
            assert answer.status_code == 200
            assert "複製できません" in answer.content.decode()
    assert DepartmentPage.objects.filter(department=cast.children).count() == 1
    assert not DepartmentPage.objects.filter(title="写し").exists()

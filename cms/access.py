"""Who may do what for which department. Everything that is not granted here is refused."""

from collections.abc import Iterable

from django.contrib.auth.models import AnonymousUser, Group, Permission
from django.db import transaction
from django.db.models import QuerySet
from wagtail.models import GroupApprovalTask, GroupPagePermission, Page, Workflow, WorkflowPage, WorkflowTask

from cms.models import Department, DepartmentRole, Role
from staff.models import User

AnyUser = User | AnonymousUser

# The roles that open a door. Being an administrator opens none of them: who runs the system need not read the cases.
MAY_READ_CASES = frozenset({Role.OFFICER, Role.APPROVER, Role.EXPORTER, Role.AUDITOR})
MAY_EXPORT_CASES = frozenset({Role.EXPORTER, Role.OFFICER})
MAY_READ_MESSAGES = frozenset({Role.OFFICER, Role.APPROVER, Role.AUDITOR})

# Wagtail's page permissions of a role, on the department's own part of the site
PAGE_PERMISSIONS: dict[Role, tuple[str, ...]] = {
    Role.EDITOR: ("add_page", "change_page"),
    Role.PUBLISHER: ("add_page", "change_page", "publish_page", "lock_page", "unlock_page"),
}


def departments_for(user: AnyUser, roles: Iterable[str]) -> QuerySet[Department]:
    """The departments for which the user has one of the roles; none for anybody not active."""
    if isinstance(user, AnonymousUser) or not user.is_active:
        return Department.objects.none()
    granted = DepartmentRole.objects.filter(role__in=[str(role) for role in roles], group__user=user)
    return Department.objects.filter(pk__in=granted.values("department"))


def has_role(user: AnyUser, roles: Iterable[str], department: Department | None = None) -> bool:
    """Whether the user has one of the roles for that department (or, without one, for any)."""
    wanted = {str(role) for role in roles}
    return any(role in wanted and (department is None or pk == department.pk) for pk, role in _posts(user))


def staff_of(department: Department, roles: Iterable[str]) -> QuerySet[User]:
    """The active members of staff who have one of the roles for the department, by name."""
    posts = DepartmentRole.objects.filter(department=department, role__in=[str(role) for role in roles])
    people = User.objects.filter(is_active=True, groups__in=posts.values("group")).distinct()
    return people.order_by("last_name", "first_name", "username")


def may_read_cases(user: AnyUser) -> bool:
    """Whether the desk is open to the user at all; of which departments, `departments_for` says."""
    return has_role(user, MAY_READ_CASES)


def _posts(user: AnyUser) -> frozenset[tuple[int, str]]:
    """Department and role of each post of the user: asked for once in a request, as Django does with permissions."""
    if isinstance(user, AnonymousUser) or not user.is_active:
        return frozenset()
    posts: frozenset[tuple[int, str]] | None = user.__dict__.get("_posts")
    if posts is None:
        posts = frozenset(DepartmentRole.objects.filter(group__user=user).values_list("department", "role"))
        user.__dict__["_posts"] = posts
    return posts


@transaction.atomic
def set_up_roles(department: Department, section: Page | None = None) -> dict[Role, Group]:
    """Make the department's groups, one per role, with their page permissions on its section. Safe to repeat."""
    groups = {}
    enter = Permission.objects.get(content_type__app_label="wagtailadmin", codename="access_admin")
    for role in Role:
        entry = DepartmentRole.objects.filter(department=department, role=role).select_related("group").first()
        if entry is None:
            group = Group.objects.create(name=f"{department.name}：{role.label}")
            DepartmentRole.objects.create(department=department, role=role, group=group)
        else:
            group = entry.group
        group.permissions.add(enter)
        if section is not None:
            _grant_pages(group, section, PAGE_PERMISSIONS.get(role, ()))
        groups[role] = group
    return groups


@transaction.atomic
def set_up_workflow(department: Department, section: Page, publishers: Group) -> Workflow:
    """The second person's approval: who may publish for the department approves what its editors wrote."""
    existing = WorkflowPage.objects.filter(page=section).select_related("workflow").first()
    if existing is not None:
        return existing.workflow
    name = f"{department.name} 公開の承認"
    task = GroupApprovalTask.objects.create(name=name)
    task.groups.add(publishers)
    workflow = Workflow.objects.create(name=name)
    WorkflowTask.objects.create(workflow=workflow, task=task, sort_order=0)
    WorkflowPage.objects.create(workflow=workflow, page=section)
    return workflow


def _grant_pages(group: Group, section: Page, codenames: Iterable[str]) -> None:
    for permission in Permission.objects.filter(content_type__app_label="wagtailcore", codename__in=codenames):
        GroupPagePermission.objects.get_or_create(group=group, page=section, permission=permission)

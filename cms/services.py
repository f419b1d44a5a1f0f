"""Setting up a department: its page and its roles come with it."""

from django.db import transaction
from wagtail.models import Site

from cms.access import set_up_roles, set_up_workflow
from cms.models import Department, DepartmentPage, HomePage, Role


@transaction.atomic
def establish(department: Department) -> DepartmentPage:
    """Give a saved department its part of the site and its groups; safe to repeat after a change of name."""
    section = DepartmentPage.objects.filter(department=department).first()
    if section is None:
        home = HomePage.objects.filter(pk__in=Site.objects.values("root_page")).first() or HomePage.objects.get()
        section = home.add_child(
            instance=DepartmentPage(title=department.name, slug=department.code, department=department)
        )
    groups = set_up_roles(department, section)
    set_up_workflow(department, section, groups[Role.PUBLISHER])
    return section

"""Makes or changes a form page from a file: one function, all or nothing."""

from typing import Any

from django.db import transaction
from django.utils.text import slugify

from cms.models import DepartmentPage
from formbuilder.compiler import CompileErrors
from formbuilder.models import FormPage, new_code
from formbuilder.package import PackageRefused, fill_page, read_package


@transaction.atomic
def import_form(data: Any, *, section: DepartmentPage, publish: bool = False) -> FormPage:
    """A new draft (or, with `publish`, a new version) of the form that has the file's code; raises PackageRefused.

    A form of another department is never changed: its code is taken.
    """
    checked = read_package(data)
    code = checked["form"].get("code") or new_code()
    page = FormPage.objects.filter(code=code).first()
    if page is None:
        page = fill_page(FormPage(code=code, slug=slugify(code), live=False), checked)
        section.add_child(instance=page)
    elif page.get_parent().pk != section.pk:
        raise PackageRefused([f"番地「{code}」は、ほかの所管課の申請フォームが使っています。code を変えてください。"])
    else:
        page = fill_page(page.get_latest_revision_as_object(), checked)
    revision = page.save_revision()
    if publish:
        try:
            revision.publish()
        except CompileErrors as errors:
            raise PackageRefused([problem.message for problem in errors.problems]) from errors
    return FormPage.objects.get(pk=page.pk)

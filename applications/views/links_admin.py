"""リンクとチラシ of a form, in the admin: the short link, one with answers, its QR code, and a page to print."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from applications.linking import LONGEST, Brought, brought_by, link_to, linkable
from applications.printing import flyer, qr
from cms.access import departments_for, has_role
from cms.models import Role
from formbuilder.models import FormPage, FormVersion

MAY_MAKE_LINKS = frozenset({Role.EDITOR, Role.PUBLISHER, Role.OFFICER, Role.APPROVER})
TOO_LONG = "リンクが長すぎて、QRコードにできません。入れる内容を短くしてください。"


def may_make_links(user: Any, page: FormPage) -> bool:
    """Who works on the form, and who works with it."""
    return not page.alias_of_id and has_role(user, MAY_MAKE_LINKS, page.department)


@require_safe
def links_of_all(request: HttpRequest) -> TemplateResponse:
    """The public forms of the departments one works for."""
    if not has_role(request.user, MAY_MAKE_LINKS):
        raise PermissionDenied
    mine = departments_for(request.user, MAY_MAKE_LINKS)
    versions = FormVersion.objects.filter(is_current=True, form__live=True, department__in=mine)
    forms = [version.form for version in versions.select_related("form").defer("document").order_by("form__title")]
    forms = [form for form in forms if may_make_links(request.user, form)]
    return TemplateResponse(request, "applications/admin/links_of_all.html", {"forms": forms})


@require_safe
def links(request: HttpRequest, pk: int) -> TemplateResponse:
    page, version = _form(request, pk)
    brought = _brought(request, version) if version else Brought((), {})
    link = _link(page, brought)
    context = {
        "page": page,
        "is_public": page.live and version is not None,
        "boxes": [
            {
                "id": f"link-{item.key}",
                "item": item,
                "value": request.GET.get(item.name, ""),
                "problem": brought.refused.get(item.key, ""),
            }
            for item in (linkable(version.engine.definition) if version else [])
        ],
        "may_edit": page.permissions_for_user(request.user).can_edit(),
        "filled": _filled(brought),
        "link": link,
        "query": link.partition("?")[2],
        "is_too_long": len(link.encode()) > qr.LONGEST,
        "too_long": TOO_LONG,
        "longest": LONGEST,
    }
    return TemplateResponse(request, "applications/admin/links.html", context)


@require_safe
def link_file(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """The QR code as svg or png, or the flyer as pdf, of the link that the query describes."""
    page, version = _form(request, pk)
    if version is None or kind not in MAKERS:
        raise Http404
    make, content_type = MAKERS[kind]
    try:
        content = make(page, _brought(request, version))
    except qr.TooLong as problem:
        raise Http404 from problem
    response = HttpResponse(content, content_type=content_type)
    how = "inline" if kind == "svg" else "attachment"
    name = quote(f"{page.title}.{kind}")
    response["Content-Disposition"] = f"{how}; filename*=UTF-8''{name}"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def _form(request: HttpRequest, pk: int) -> tuple[FormPage, FormVersion | None]:
    page = get_object_or_404(FormPage, pk=pk)
    if not may_make_links(request.user, page):
        raise PermissionDenied
    return page, page.versions.filter(is_current=True).first()


def _brought(request: HttpRequest, version: FormVersion) -> Brought:
    return brought_by(version, request.GET.dict(), timezone.localdate())


def _link(page: FormPage, brought: Brought) -> str:
    return link_to(page.code, {each.item.name: each.tidy_text for each in brought.taken})


def _filled(brought: Brought) -> list[tuple[str, str]]:
    return [(each.item.label, each.shown) for each in brought.taken]


def _flyer(page: FormPage, brought: Brought) -> bytes:
    department = page.department
    facts = [
        ("受付期間", page.period.words),
        ("入力の時間", f"およそ{page.minutes}分" if page.minutes else ""),
    ]
    contact = [
        department.name,
        f"電話 {department.phone}" if department.phone else "",
        f"メール {department.email}" if department.email else "",
    ]
    return flyer.pdf_of(
        flyer.Flyer(
            title=page.title,
            summary=page.summary,
            link=_link(page, brought),
            address=link_to(page.code),
            filled=_filled(brought),
            facts=[fact for fact in facts if fact[1]],
            contact=[line for line in contact if line],
        )
    )


def _svg(page: FormPage, brought: Brought) -> bytes:
    return qr.svg_of(_link(page, brought))


def _png(page: FormPage, brought: Brought) -> bytes:
    return qr.png_of(_link(page, brought))


MAKERS: dict[str, tuple[Callable[[FormPage, Brought], bytes], str]] = {
    "svg": (_svg, "image/svg+xml"),
    "png": (_png, "image/png"),
    "pdf": (_flyer, "application/pdf"),
}

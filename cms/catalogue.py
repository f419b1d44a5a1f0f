"""The catalogue of procedures: what is asked for in the address, and what is found.

The databases' own word search finds no part of a Japanese word, so folded words are looked for in folded texts.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.models import Page

from cms.base_pages import ProcedurePage, procedure_models
from cms.folding import search_key
from cms.periods import is_taken
from cms.topics import Category, LifeEvent, Topic

PAGE = 50  # procedures
LONGEST = 100  # characters of a search
SHOWN = ("path", "depth", "title", "url_path", "summary", "accepts_from", "accepts_until")


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a filter. url: the catalogue with this chosen and everything else kept."""

    value: str
    label: str
    url: str
    icon: str = ""


@dataclass(frozen=True, slots=True)
class Filter:
    """name: of the parameter; every: what it is called to choose nothing; without: the address without it."""

    name: str
    label: str
    every: str
    options: list[Option]
    chosen: Option | None
    without: str


class Asked:
    """What the address asks for. A value that is no choice is left out, and told."""

    def __init__(self, home: Page, sections: Mapping[str, Page], request: HttpRequest) -> None:
        self._base = home.get_url(request) or "/"
        self._given = {name: request.GET.get(name, "") for name in ("category", "life", "department")}
        self.text = " ".join(request.GET.get("q", "").replace("\x00", " ").split())[:LONGEST]  # PostgreSQL refuses NUL
        self.is_open = request.GET.get("open") == "1"
        departments = [(code, section.title, "") for code, section in sections.items()]
        life_events = _topics(LifeEvent, "life_events", home, self._given["life"])
        categories = _topics(Category, "categories", home, self._given["category"])
        choices = {
            "life": (_("ライフイベント"), _("すべてのライフイベント"), life_events),
            "category": (_("分類"), _("すべての分類"), categories),
            "department": (_("所管課"), _("すべての所管課"), departments),
        }
        self._given = {name: value for name, value in self._given.items() if value}
        known = {
            name: value for name, value in self._given.items() if value in {choice[0] for choice in choices[name][2]}
        }
        self.has_unknown = known != self._given
        self._given = known
        self.filters = [self._filter(name, *choice) for name, choice in choices.items()]

    def _filter(self, name: str, label: str, every: str, choices: Iterable[tuple[str, str, str]]) -> Filter:
        options = [Option(value, text, self.url(**{name: value}), icon) for value, text, icon in choices]
        chosen = next((option for option in options if option.value == self._given.get(name)), None)
        return Filter(name, label, every, options, chosen, self.url(**{name: ""}))

    def url(self, **changes: str) -> str:
        """The address of the catalogue with these parameters changed; an empty one is left out."""
        now = {"q": self.text, **self._given, "open": "1" if self.is_open else ""}
        query = urlencode({name: value for name, value in (now | changes).items() if value})
        return f"{self._base}?{query}" if query else self._base

    @property
    def condition(self) -> Q:
        """Of ProcedurePage, besides the department."""
        wanted = Q(live=True)
        for word in filter(None, map(search_key, self.text.split())):
            wanted &= Q(search_text__contains=word)
        if category := self._given.get("category"):
            wanted &= Q(categories=int(category))
        if life_event := self._given.get("life"):
            wanted &= Q(life_events=int(life_event))
        return wanted & is_taken(timezone.now()) if self.is_open else wanted

    @property
    def department(self) -> str:
        return self._given.get("department", "")

    @property
    def is_narrowed(self) -> bool:
        return bool(self.text or self._given or self.is_open)


def catalogue(home: Page, sections: Mapping[str, Page], request: HttpRequest) -> dict[str, object]:
    """Context of the home page. sections: live pages of departments by their code, in order."""
    asked = Asked(home, sections, request)
    places = {section.path: place for place, section in enumerate(sections.values())}
    here = [sections[asked.department].path] if asked.department else list(places)
    found = sorted(
        (places[path[: -Page.steplen]], title, path)
        for model in procedure_models()
        for path, title in model.objects.descendant_of(home).filter(asked.condition).values_list("path", "title")
        if path[: -Page.steplen] in here
    )
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    return {
        "asked": asked,
        "found": page,
        "previous": asked.url(page=str(page.number - 1)) if page.has_previous() else "",
        "next": asked.url(page=str(page.number + 1)) if page.has_next() else "",
        "everything": asked.url(q="", life="", category="", department="", open=""),
        "without_text": asked.url(q=""),
        "closed_too": asked.url(open=""),
        "groups": _grouped(list(sections.values()), [(place, path) for place, _, path in page]),
    }


def cards(pages: QuerySet[ProcedurePage]) -> list[ProcedurePage]:
    """Published procedures with what a card shows of them, in the order of their titles; one query."""
    return list(pages.filter(live=True).only(*SHOWN).order_by("title"))


def _topics(kind: type[Topic], field: str, home: Page, chosen: str) -> list[tuple[str, str, str]]:
    """(value, name, icon) of the topics that a published procedure has, and of the one that is chosen; one query."""
    used = Q(pk=int(chosen)) if chosen.isascii() and chosen.isdigit() and len(chosen) < 10 else Q()
    for model in procedure_models():
        pages = model.objects.live().descendant_of(home).filter(**{field: OuterRef("pk")})
        used |= Q(Exists(pages))
    return [(str(topic.pk), topic.name, topic.icon) for topic in kind.objects.filter(used)]


def _grouped(sections: list[Page], found: list[tuple[int, str]]) -> list[tuple[Page, list[ProcedurePage]]]:
    """Sections with their procedures, from (place of the section, path of the page); one query for each model."""
    paths = [path for _, path in found]
    by_path = {page.path: page for model in procedure_models() for page in cards(model.objects.filter(path__in=paths))}
    groups: dict[int, list[ProcedurePage]] = {}
    for place, path in found:
        if path in by_path:
            groups.setdefault(place, []).append(by_path[path])
    return [(sections[place], pages) for place, pages in groups.items()]

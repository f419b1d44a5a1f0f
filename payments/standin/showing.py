"""Lists in pages, and objects with others inside them where that is asked for."""

import json
from collections.abc import Callable, Iterable
from typing import Any

from payments.standin.book import Book, Thing
from payments.standin.refused import Refused

MOST, USUAL = 100, 10  # of a page
PAGING = frozenset({"limit", "starting_after", "ending_before", "created", "expand"})
KINDS = {"payment_intent": "payment_intent", "latest_charge": "charge", "charge": "charge"}
COMPARED: dict[str, Callable[[int, int], bool]] = {
    "gt": lambda one, other: one > other,
    "gte": lambda one, other: one >= other,
    "lt": lambda one, other: one < other,
    "lte": lambda one, other: one <= other,
}


def listed(book: Book, kind: str, given: Thing, url: str) -> Thing:
    """One page of the objects that are asked for, the newest first. Raises Refused."""
    limit = given.get("limit", USUAL)
    if not 1 <= limit <= MOST:
        raise Refused(f"Invalid limit: must be between 1 and {MOST}", param="limit", is_early=True)
    found = [thing for thing in book.newest(kind) if _is_asked_for(thing, given)]
    for name in ("starting_after", "ending_before"):
        if name in given:
            book.find(kind, given[name], name)
    before, after = given.get("ending_before"), given.get("starting_after")
    if before:
        found = found[: _place(found, before)]
        return _page(url, found[-limit:], len(found) > limit)
    if after:
        found = found[_place(found, after) + 1 :]
    return _page(url, found[:limit], len(found) > limit)


def _place(found: list[Thing], name: str) -> int:
    return next(number for number, thing in enumerate(found) if thing["id"] == name)


def _page(url: str, data: Iterable[Thing], has_more: bool) -> Thing:
    return {"object": "list", "url": url, "has_more": has_more, "data": list(data)}


def _is_asked_for(thing: Thing, given: Thing) -> bool:
    return all(_matches(thing, name, value) for name, value in given.items() if name not in PAGING) and all(
        COMPARED[how](thing["created"], moment) for how, moment in _created(given).items()
    )


def _created(given: Thing) -> dict[str, int]:
    created = given.get("created", {})
    return created if isinstance(created, dict) else {"gte": created, "lte": created}


def _matches(thing: Thing, name: str, value: Any) -> bool:
    if name == "types":
        return thing["type"] in value
    if name == "delivery_success":
        return (thing["pending_webhooks"] == 0) == value
    return bool(thing.get(name) == value)


def shown(book: Book, thing: Thing, paths: Iterable[str]) -> Thing:
    """A copy, with what is asked for in place of its id. Raises Refused."""
    copy: Thing = json.loads(json.dumps(thing))
    for path in paths:
        _expand(book, copy, path.split("."), path)
    return copy


def _expand(book: Book, thing: Thing, names: list[str], path: str) -> None:
    name, *others = names
    if thing["object"] == "list" and name == "data":
        for item in thing["data"]:
            _expand(book, item, others, path)
        return
    if isinstance(thing.get(name), str) and name in KINDS:
        thing[name] = shown(book, book.find(KINDS[name], thing[name]), [])
    elif (contents := _contents(book, thing, name)) is not None:
        thing[name] = contents
    elif name not in KINDS or name not in thing:
        raise Refused(f"This property cannot be expanded ({path}).", param="expand", is_early=True)
    if others and isinstance(thing[name], dict):
        _expand(book, thing[name], others, path)


def _contents(book: Book, thing: Thing, name: str) -> Thing | None:
    """A list that an object is shown without, unless it is asked for."""
    if isinstance(thing.get(name), dict):
        return dict(thing[name])
    if (thing["object"], name) == ("checkout.session", "line_items"):
        return line_items(book, thing["id"])
    if (thing["object"], name) == ("charge", "refunds"):
        return listed(book, "refund", {"charge": thing["id"]}, f"/v1/charges/{thing['id']}/refunds")
    return None


def line_items(book: Book, session: str) -> Thing:
    """Raises Refused."""
    book.find("checkout.session", session, "session")
    return _page(f"/v1/checkout/sessions/{session}/line_items", book.behind[session]["line_items"], has_more=False)

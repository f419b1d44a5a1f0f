"""The browser's half of the agreement: the module itself, in Chromium, on the shared vectors and on random trees."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import date
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest
from playwright.sync_api import Page, Route, sync_playwright

import formbuilder
from formbuilder.expressions.evaluate import evaluate
from formbuilder.expressions.kinds import Kind, Scalar, plain
from formbuilder.expressions.nodes import Call, Expression, FieldRef, Value, to_json
from formbuilder.expressions.ops import OPS, as_text
from scripts.browser import ARGUMENTS, find

MODULE = Path(formbuilder.__file__).parent / "static" / "formbuilder" / "js" / "expressions.js"
VECTORS = Path(__file__).parents[2] / "vectors" / "expressions.json"
SITE = "https://twin.example"
InBrowser = Callable[[list[Any]], list[Any]]

RUN = """
async (cases) => {
  const { evaluate, scalar } = await import("/expressions.js");
  const raw = (value) => {
    if (value === null) return null;
    if (Array.isArray(value)) return [typeof value[0] === "object" ? "numbers" : "texts", value.map(String)];
    if (typeof value === "object") return ["number", String(value)];
    return [typeof value === "boolean" ? "boolean" : "text", value];
  };
  return JSON.parse(cases).map(({ expression, scope, today }) => {
    const read = Object.entries(scope).map(([address, [value, kind]]) => [address, scalar(value, kind)]);
    return raw(evaluate(expression, Object.fromEntries(read), today));
  });
}
"""


@pytest.fixture(scope="module")
def in_browser() -> Iterator[InBrowser]:
    """Evaluates cases in Chromium, in a thread of its own: another test's Playwright may be open in this one."""
    with ThreadPoolExecutor(max_workers=1) as thread, ExitStack() as stack:
        page = thread.submit(_open, stack).result()
        yield lambda cases: thread.submit(page.evaluate, RUN, json.dumps(cases)).result()
        thread.submit(stack.close).result()


def _open(stack: ExitStack) -> Page:
    path = find()  # before: it asks Playwright too
    playwright = stack.enter_context(sync_playwright())
    browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
    stack.callback(browser.close)
    page = browser.new_page()
    page.route(f"{SITE}/**", _serve)
    page.goto(f"{SITE}/")
    return page


def _serve(route: Route) -> None:
    if route.request.url.endswith("/expressions.js"):
        route.fulfill(content_type="text/javascript", body=MODULE.read_text(encoding="utf-8"))
    else:
        route.fulfill(content_type="text/html", body="<!doctype html><title>twin</title>")


@pytest.mark.journey
def test_the_browser_gives_the_result_of_every_vector(in_browser: InBrowser) -> None:
    vectors = json.loads(VECTORS.read_text(encoding="utf-8"))

    results = in_browser(vectors)

    wanted = [_seen_by_javascript(vector["result"]) for vector in vectors]
    different = [
        (vector["case"], result, want)
        for vector, result, want in zip(vectors, results, wanted, strict=True)
        if result != want
    ]
    assert different == []


@pytest.mark.journey
@pytest.mark.parametrize("seed", range(3))
def test_the_browser_agrees_with_python_on_random_trees(in_browser: InBrowser, seed: int) -> None:
    random = Random(seed)
    trees = [_tree(random, random.choice(list(_LITERALS)), 4) for _ in range(1000)]
    cases = [{"expression": to_json(tree), "scope": {}, "today": "2024-02-29"} for tree in trees]

    results = in_browser(cases)

    wanted = [_raw(evaluate(tree, {}, today=date(2024, 2, 29))) for tree in trees]
    assert sum(want is not None for want in wanted) > 300
    assert [pair for pair in zip(cases, results, wanted, strict=True) if pair[1] != pair[2]] == []


def _seen_by_javascript(result: list[Any] | None) -> list[Any] | None:
    """Dates are texts there."""
    return ["text", result[1]] if result and result[0] == "date" else result


def _raw(value: Scalar) -> list[Any] | None:
    match value:
        case None:
            return None
        case bool():
            return ["boolean", value]
        case Decimal():
            return ["number", plain(value)]
        case date():
            return ["text", value.isoformat()]
        case str():
            return ["text", value]
        case _:
            return ["numbers" if isinstance(value[0], Decimal) else "texts", [as_text(item) for item in value]]


def _number(random: Random) -> Decimal:
    digits = "".join(random.choice("0123456789" if random.random() < 0.5 else "0059") for _ in range(28))
    length = random.choice([1, 2, 3, 5, 15, 28])
    return Decimal(random.choice(["", "-"]) + digits[:length]).scaleb(-random.randint(0, random.choice([0, 2, 28])))


def _date(random: Random) -> date:
    if random.random() < 0.5:
        return date.fromordinal(random.randint(1, date.max.toordinal()))
    month_end = date(random.choice([4, 100, 1900, 2000, 2023, 2024]), random.choice([1, 3, 4, 5]), 1)
    return date.fromordinal(month_end.toordinal() - random.randint(-2, 2))


def _text(random: Random) -> str:
    return "".join(random.choice("ab新𠮷😀0") for _ in range(random.randint(0, 3)))


_LITERALS: dict[Kind, Callable[[Random], Any]] = {
    "number": _number,
    "date": _date,
    "text": _text,
    "boolean": lambda random: random.random() < 0.5,
    "texts": lambda random: tuple(_text(random) or "z" for _ in range(random.randint(1, 3))),
    "numbers": lambda random: tuple(_number(random) for _ in range(random.randint(1, 3))),
}


def _tree(random: Random, kind: Kind, depth: int) -> Expression:
    """A well-typed expression; now and then something is unanswered."""
    found = [(op.name, signature) for op in OPS.values() for signature in op.signatures if signature.result == kind]
    if depth == 0 or random.random() < 0.15:
        return FieldRef("unanswered") if random.random() < 0.05 else Value(_LITERALS[kind](random), kind)
    name, signature = random.choice(found)
    count = len(signature.params) + (random.randint(0, 2) if signature.repeat else 0)
    kinds = [random.choice(sorted(signature.param(index))) for index in range(count)]
    return Call(name, tuple(_tree(random, one, depth - 1) for one in kinds))

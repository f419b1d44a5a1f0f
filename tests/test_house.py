"""The rules of the house that no linter knows. What a failure lists is what to change."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support.surroundings import ROOT

MAX_FILE = 400  # lines
MAX_FUNCTION = 50  # lines
MIN_TYPED = 0.98  # of all functions
OUR_PACKAGES = frozenset(path.parent.name for path in ROOT.glob("[a-z]*/__init__.py")) | {"tests"}
SIGNALS = re.compile(r"django\.db\.models\.signals|db\.models import .*\bsignals\b|\bSignal\(")
# Written in pieces, so that this file does not contain what it looks for.
FOREIGN = {
    "a path of one machine": r"(?<![\w./-])/(?:wo" r"rk|home/\w|root/|Users/)",
    "the address of a package registry": r"py" r"pi\.org|pythonhosted\.|registry\.np" r"mjs|deb\.deb" r"ian\.org",
    "a key or a password": r"-----BEGIN (?:RSA |EC )?PRIVATE " r"KEY-----|\bsk_li" r"ve_\w+",
}


class Function(NamedTuple):
    where: str
    lines: int
    typed: bool


@cache
def tracked() -> tuple[Path, ...]:
    """What is, or is about to be, in the repository."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    paths = (ROOT / name for name in listed.stdout.decode().split("\0") if name)
    return tuple(path for path in paths if path.is_file())


def sources(*endings: str) -> Iterator[Path]:
    for path in tracked():
        if path.suffix in endings and "migrations" not in path.parts:
            yield path


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def functions() -> Iterator[Function]:
    for path in sources(".py"):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                yield Function(f"{name(path)}:{node.lineno} {node.name}", lines, _is_typed(node))


def _is_typed(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs, node.args.vararg, node.args.kwarg]
    given = [argument for argument in arguments if argument is not None and argument.arg not in {"self", "cls"}]
    return node.returns is not None and all(argument.annotation for argument in given)


def test_there_is_something_to_look_at() -> None:
    assert len(list(sources(".py"))) > 100
    assert len(list(functions())) > 500


def test_files_are_short() -> None:
    lengths = {name(path): len(path.read_bytes().splitlines()) for path in sources(".py", ".js", ".css", ".html")}
    assert {path: lines for path, lines in lengths.items() if lines > MAX_FILE} == {}


def test_functions_are_short() -> None:
    assert [function for function in functions() if function.lines > MAX_FUNCTION] == []


def test_functions_are_typed() -> None:
    found = list(functions())
    untyped = [function.where for function in found if not function.typed]
    assert len(untyped) <= (1 - MIN_TYPED) * len(found), untyped


def test_nothing_hangs_on_signals() -> None:
    """What follows from what stands in the code that does it, or in a subscriber of its events. (Wagtail announces a
    page that moves or is published by signal only: listening to those is fine.)
    """
    ours = [path for path in sources(".py") if path.parts[len(ROOT.parts)] not in {"tests", "bench", "scripts"}]
    assert [name(path) for path in ours if SIGNALS.search(path.read_text(encoding="utf-8"))] == []


def test_own_modules_are_imported_at_the_top() -> None:
    """An import inside a function hides a cycle. (A process that sets Django up itself can import models only then.)"""
    assert [where for path in sources(".py") for where in _hidden_imports(path)] == []


def _hidden_imports(path: Path) -> Iterator[str]:
    for function in ast.walk(tree(path)):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if any(map(_sets_django_up, ast.walk(function))):
            continue
        for node in ast.walk(function):
            for module in _imported(node, path):
                if re.split("[./]", module)[0] in OUR_PACKAGES:
                    yield f"{name(path)} {function.name}: {module}"


def _sets_django_up(node: ast.AST) -> bool:
    match node:
        case ast.Call(ast.Attribute(ast.Name("django"), "setup")):
            return True
    return False


def _imported(node: ast.AST, path: Path) -> list[str]:
    match node:
        case ast.Import(names):
            return [alias.name for alias in names]
        case ast.ImportFrom(module, _, 0):
            return [module or ""]
        case ast.ImportFrom():
            return [name(path)]  # relative
    return []


@pytest.mark.parametrize("what", FOREIGN)
def test_nothing_in_the_repository_belongs_to_one_machine(what: str) -> None:
    pattern = re.compile(FOREIGN[what].encode())
    assert [name(path) for path in tracked() if pattern.search(path.read_bytes())] == []


def test_every_app_has_its_layer() -> None:
    configured = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    apps = {path.parent.name for path in ROOT.glob("[a-z]*/apps.py")}
    assert apps - set(configured["root_packages"]) == set()


def test_the_layers_hold() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-logo"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr

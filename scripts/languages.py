"""Keeps locale/LANGUAGE, the texts that residents read, in every language but Japanese, which the code is written in.

python scripts/languages.py update    puts new texts into each .po, takes out what is no longer used, compiles
python scripts/languages.py compile   writes each .mo anew from its .po
python scripts/languages.py check     names what is missing, mismatched or stale; exit status 1 if anything is
"""

import argparse
import ast
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import polib  # type: ignore[import-untyped]  # polib ships no types
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "locale"
LANGUAGES = ("ja_Easy", "en", "zh_Hans", "ko", "pt_BR", "vi")  # as Django names their folders
JAPANESE = re.compile("[\u3040-\u30ff\u4e00-\u9fff、・]")
CALLS = frozenset({"_", "gettext", "gettext_lazy", "gettext_noop"})
IN_TEMPLATE = re.compile(r"""\b_?gettext\(u?("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')\)|\b_\(("(?:[^"\\]|\\.)*")\)""")
# %(name)s, {name} and tags: what a translation must repeat exactly
PLACEHOLDER = re.compile(r"%\(\w+\)s|\{\w*(?::[^}]*)?\}|</?[a-z][^>]*>")
HEADER = {"MIME-Version": "1.0", "Content-Type": "text/plain; charset=UTF-8", "Content-Transfer-Encoding": "8bit"}
UNMARKED = ("tests/", "bench/", "scripts/", "docs/")


def texts() -> dict[str, set[str]]:
    """Every text that is marked for translation -> the files that have it."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py", "*.html", "*.txt"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    found: dict[str, set[str]] = {}
    for name in listed:
        path = ROOT / name
        if name.startswith(UNMARKED) or not path.exists():
            continue
        inside = _of_python(path) if name.endswith(".py") else _of_template(path) if "templates/" in name else ()
        for text in inside:
            if JAPANESE.search(text):
                found.setdefault(text, set()).add(name)
    return found


def _of_python(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not (isinstance(node, ast.Call) and node.args):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        first = node.args[0]
        if name in CALLS and isinstance(first, ast.Constant) and isinstance(first.value, str):
            yield first.value


def _of_template(path: Path) -> Iterator[str]:
    source = path.read_text(encoding="utf-8")
    for found in IN_TEMPLATE.finditer(templatize(source)):
        yield ast.literal_eval(found.group(1) or found.group(2))
    for call in re.finditer(r'\b_\(("[^"]*")\)', source):  # as an argument of include and default
        yield ast.literal_eval(call.group(1))


def catalogue(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / "django.po"


def update() -> None:
    """Texts in the order of their files, so that what stands together is translated together."""
    wanted = sorted(texts().items(), key=lambda item: (min(item[1]), item[0]))
    for language in LANGUAGES:
        path = catalogue(language)
        old = {entry.msgid: entry.msgstr for entry in polib.pofile(str(path))} if path.exists() else {}
        new = polib.POFile(wrapwidth=0)
        new.metadata = {"Project-Id-Version": "Madoguchi", "Language": language, **HEADER}
        for text, files in wanted:
            new.append(polib.POEntry(msgid=text, msgstr=old.get(text, ""), occurrences=[(min(files), "")]))
        path.parent.mkdir(parents=True, exist_ok=True)
        new.save(str(path))


def compile_all() -> None:
    for language in LANGUAGES:
        path = catalogue(language)
        path.with_suffix(".mo").write_bytes(bytes(polib.pofile(str(path)).to_binary()))


def problems() -> list[str]:
    """Everything that keeps a resident from reading a page in one language; empty when all is well."""
    wanted, found = texts(), list[str]()
    for language in LANGUAGES:
        entries = {entry.msgid: entry.msgstr for entry in polib.pofile(str(catalogue(language)))}
        found += [
            f"{language}: no translation ({min(wanted[text])}): {text!r}" for text in wanted if not entries.get(text)
        ]
        found += [f"{language}: no longer used: {text!r}" for text in entries if text not in wanted]
        found += [f"{language}: {line}" for line in mismatches(entries)]
        path = catalogue(language)
        binary = path.with_suffix(".mo")
        if not binary.exists() or binary.read_bytes() != bytes(polib.pofile(str(path)).to_binary()):
            found.append(f"{language}: the .mo does not match the .po; run: python scripts/languages.py compile")
    return found


def mismatches(entries: dict[str, str]) -> Iterator[str]:
    """Placeholders or tags that differ, and characters that would end an attribute."""
    for text, said in entries.items():
        if said and Counter(PLACEHOLDER.findall(text)) != Counter(PLACEHOLDER.findall(said)):
            yield f"placeholders differ: {text!r} -> {said!r}"
        if '"' in said and '"' not in text:
            yield f'a " would end an attribute: {said!r}'


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Texts of the residents' pages")
    parser.add_argument("action", choices=("update", "compile", "check"))
    action = parser.parse_args(arguments).action
    if action == "update":
        update()
    if action in ("update", "compile"):
        compile_all()
        return 0
    found = problems()
    print("\n".join(found) or "Every text is there in every language.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

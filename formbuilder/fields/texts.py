"""What of an item people read, each text under an address of its own: what a translation has to give."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from formbuilder.definition import FieldDef

SHARED = ("placeholder",)
READ = ("label", "title", "text", "unit")  # of the entries of a list, such as choices


def texts_of(field: FieldDef, names: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """(address, text), none of them empty. names: options that people read, beside what all types have."""
    yield from ((name, text) for name in ("label", "help") if (text := getattr(field, name)))
    for number, rule in enumerate(field.rules):
        yield f"rules.{number}", rule.message
    for name in (*SHARED, *names):
        yield from _in_option(f"options.{name}", field.options.get(name))
    yield from _in_option("options.choices", field.options.get("choices"))


def _in_option(address: str, option: Any) -> Iterator[tuple[str, str]]:
    """An entry of a list is known by its value, which stays when entries move."""
    if isinstance(option, str) and option:
        yield address, option
    elif isinstance(option, list):
        for number, entry in enumerate(option):
            if isinstance(entry, Mapping):
                place = f"{address}.{entry.get('value', number)}"
                yield from (
                    (place if name == "label" else f"{place}.{name}", str(entry[name]))
                    for name in READ
                    if entry.get(name)
                )
            elif isinstance(entry, str) and entry:
                yield f"{address}.{number}", entry


def with_texts(field: FieldDef, words: Mapping[str, str], names: tuple[str, ...]) -> FieldDef:
    """The item as it reads with other words. words: address -> text; what has none stays as it is."""
    options = {
        name: _replaced(f"options.{name}", option, words) if name in (*SHARED, *names, "choices") else option
        for name, option in field.options.items()
    }
    rules = tuple(
        replace(rule, message=words.get(f"rules.{number}", rule.message)) for number, rule in enumerate(field.rules)
    )
    label, help_ = words.get("label", field.label), words.get("help", field.help)
    return replace(field, label=label, help=help_, rules=rules, options=options)


def _replaced(address: str, option: Any, words: Mapping[str, str]) -> Any:
    if isinstance(option, str):
        return words.get(address, option)
    if not isinstance(option, list):
        return option
    made: list[Any] = []
    for number, entry in enumerate(option):
        if isinstance(entry, Mapping):
            place = f"{address}.{entry.get('value', number)}"
            told = {name: place if name == "label" else f"{place}.{name}" for name in READ if name in entry}
            made.append({**entry, **{name: words.get(where, entry[name]) for name, where in told.items()}})
        else:
            made.append(words.get(f"{address}.{number}", entry))
    return made

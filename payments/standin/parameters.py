"""Parameters of a request: unfolded from the form they are sent in, and held against what the library says of them.

The official library describes every request in `stripe.params`. What is not in there is refused, as the API does:
a parameter that another version of the API had would otherwise be noticed in production only.
"""

import re
import sys
from collections.abc import Iterable
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from stripe import RequestOptions

from payments.standin.refused import Refused

Value = Any  # str, list and dict as sent; int, bool and so on once they were read
PART = re.compile(r"\[([^\]]*)\]")
TRUTH = {"true": True, "false": False}


def unfold(pairs: Iterable[tuple[str, str]]) -> dict[str, Value]:
    """`a[b][0]=c` becomes {"a": {"b": ["c"]}}."""
    tree: dict[str, Value] = {}
    for name, text in pairs:
        head, *parts = [name.partition("[")[0], *PART.findall(name)]
        place = tree
        for part in parts:
            place = place.setdefault(head, {})
            head = part or str(len(place))
        place[head] = text
    return {name: _lists(value) for name, value in tree.items()}


def _lists(value: Value) -> Value:
    if not isinstance(value, dict):
        return value
    inner = {name: _lists(its) for name, its in value.items()}
    if inner and all(name.isdecimal() for name in inner):
        return [inner[name] for name in sorted(inner, key=int)]
    return inner


@cache
def _hints(shape: Any) -> dict[str, Any]:
    """What a TypedDict of the library says of its parameters; what it says to itself (api_key and so on) left out."""
    own = {name: hint for name, hint in shape.__annotations__.items() if name not in RequestOptions.__annotations__}
    stripped = type("Stripped", (), {"__annotations__": own, "__module__": shape.__module__})
    return get_type_hints(stripped, localns=vars(sys.modules[shape.__module__]))


def read(given: dict[str, Value], shape: Any, within: str = "") -> dict[str, Value]:
    """The parameters with their types. Raises Refused."""
    hints = _hints(shape)
    for name in given:
        if name not in hints:
            param = _path(within, name)
            raise Refused(f"Received unknown parameter: {param}", code="parameter_unknown", param=param, is_early=True)
    for name in shape.__required_keys__ & hints.keys() - given.keys():
        param = _path(within, name)
        raise Refused(f"Missing required param: {param}.", code="parameter_missing", param=param, is_early=True)
    return {name: _value(value, hints[name], _path(within, name)) for name, value in given.items()}


def _path(within: str, name: str) -> str:
    return f"{within}[{name}]" if within else name


def _value(value: Value, hint: Any, param: str) -> Value:
    origin, options = get_origin(hint), get_args(hint)
    if origin is Union:
        return _either(value, options, param)
    if hasattr(hint, "__required_keys__"):  # a TypedDict, whoever made it
        return read(_expect(value, dict, "hash", param), hint, param)
    if origin is list:
        its = _expect(value, list, "array", param)
        return [_value(item, options[0], f"{param}[{number}]") for number, item in enumerate(its)]
    if origin is dict:
        return {name: str(text) for name, text in _expect(value, dict, "hash", param).items()}
    if origin is Literal:
        return _one_of(value, options, param)
    return _plain(_expect(value, str, "string", param), hint, param)


def _either(value: Value, options: tuple[Any, ...], param: str) -> Value:
    """The first of the ways to read it that succeeds; when none does, what the first one said."""
    first: Refused | None = None
    for option in options:
        try:
            return _value(value, option, param)
        except Refused as refused:
            first = first or refused
    assert first is not None
    raise first


def _expect(value: Value, kind: type, word: str, param: str) -> Any:
    if isinstance(value, kind):
        return value
    raise Refused(f"Invalid {word}: {param}", param=param, is_early=True)


def _one_of(value: Value, options: tuple[Any, ...], param: str) -> Value:
    if value in options:
        return value
    raise Refused(f"Invalid {param}: must be one of {', '.join(map(str, options))}", param=param, is_early=True)


def _plain(text: str, hint: Any, param: str) -> Value:
    if hint is int:
        if re.fullmatch(r"-?[0-9]{1,15}", text, re.ASCII):
            return int(text)
        raise Refused(f"Invalid integer: {text}", code="parameter_invalid_integer", param=param, is_early=True)
    if hint is bool:
        return _one_of(TRUTH.get(text, text), (True, False), param)
    return text

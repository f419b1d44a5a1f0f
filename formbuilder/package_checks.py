"""What is wrong with a form file, in words for the person who wrote it, each sentence after its place."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import jsonschema
from django import forms
from wagtail import blocks

DEEPEST = 20  # levels of lists and objects; what the editor can make has 10
LONGEST = 100_000  # characters of one text
LARGEST_NUMBER = 10**15
# Control characters, lone surrogates and noncharacters: no editor can type them, and databases and XML refuse them.
_UNREADABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_PARTS = {"steps": "{}番目の画面", "fields": "{}番目の項目", "requires": "{}番目の手続"}
_KINDS = {
    "string": "文字",
    "object": "{ } で囲んだ設定",
    "array": "[ ] で囲んだ一覧",
    "integer": "整数",
    "null": "null",
}
_WORDS = {
    "const": "「{wanted}」にしてください。",
    "pattern": "60文字までの半角の英数字とハイフンで書いてください（番地は小文字で40文字まで）。",
    "minLength": "空にはできません。",
    "maxLength": "{wanted:,}文字までです。",
    "minimum": "{wanted}以上にしてください。",
    "maximum": "{wanted}以下にしてください。",
    "maxItems": "{wanted}個までです。",
}

Path = tuple[str | int, ...]


def place_of(path: Sequence[str | int]) -> str:
    """A path into the file as people count: 2番目の画面 › 3番目の項目 › settings › label."""
    words: list[str] = []
    for index, part in enumerate(path):
        if isinstance(part, int):
            words.append(_PARTS.get(str(path[max(index - 1, 0)]), "{}番目").format(part + 1))
        elif part not in _PARTS or index == len(path) - 1:
            words.append(part)
    return " › ".join(words) or "ファイル"


# --- any JSON


def beyond_limits(data: Any) -> list[str]:
    """What no form needs and no program should have to read; without recursion, so that depth does no harm."""
    found: list[str] = []
    waiting: list[tuple[Path, Any]] = [((), data)]
    while waiting and len(found) < 20:
        path, value = waiting.pop()
        if len(path) > DEEPEST:
            return [f"{place_of(path[:4])}: かっこの重なりが深すぎます。"]
        if isinstance(value, dict):
            if any(_UNREADABLE.search(name) for name in value):
                found.append(f"{place_of(path)}: 名前に、目に見えない文字が入っています。消してください。")
            waiting += [((*path, name), value[name]) for name in reversed(value)]
        elif isinstance(value, list):
            waiting += [((*path, index), value[index]) for index in reversed(range(len(value)))]
        elif isinstance(value, str):
            found += [f"{place_of(path)}: {words}" for words in _text_problems(value)]
        elif isinstance(value, float) or (isinstance(value, int) and abs(value) > LARGEST_NUMBER):
            found.append(f"{place_of(path)}: この数は使えません。整数か、文字にしてください。")
    return found


def _text_problems(text: str) -> Iterator[str]:
    if len(text) > LONGEST:
        yield f"{LONGEST:,}文字までです（今は{len(text):,}文字）。"
    elif _UNREADABLE.search(text):
        yield "目に見えない文字（制御文字など）が入っています。消してください。"


# --- the schema


def schema_problems(data: Any, schema: Mapping[str, Any]) -> list[str]:
    """Each error of the JSON schema once, in the order of the file."""
    errors = sorted(
        jsonschema.Draft202012Validator(schema).iter_errors(data),
        key=lambda error: [str(part).zfill(6) for part in error.path],
    )
    return list(dict.fromkeys(f"{place_of(list(error.absolute_path))}: {_in_words(error)}" for error in errors))


def _in_words(error: Any) -> str:
    wanted = error.validator_value
    if error.validator == "required":
        missing = "」「".join(name for name in wanted if name not in error.instance)
        return f"「{missing}」がありません。"
    if error.validator == "additionalProperties":
        extra = "」「".join(sorted(error.instance.keys() - error.schema["properties"].keys()))
        return f"知らない名前「{extra[:200]}」があります。"
    if error.validator == "type":
        kinds = "か".join(_KINDS[name] for name in ([wanted] if isinstance(wanted, str) else wanted))
        return f"{kinds}にしてください。"
    return _WORDS[str(error.validator)].format(wanted=wanted)


# --- the editor's blocks


def shape_problems(block: blocks.Block, value: Any, place: str) -> Iterator[str]:
    """Where a setting is unknown, or of another kind than the block keeps; what it means is for the block to say."""
    if isinstance(block, blocks.StructBlock):
        if not isinstance(value, dict):
            yield f"{place}: {_KINDS['object']}にしてください。"
            return
        for name, inner in value.items():
            if name in block.child_blocks:
                yield from shape_problems(block.child_blocks[name], inner, f"{place} › {name}")
            else:
                yield f"{place}: 知らない設定「{name[:60]}」があります。"
    elif isinstance(block, blocks.ListBlock):
        if not isinstance(value, list):
            yield f"{place}: {_KINDS['array']}にしてください。"
            return
        for number, inner in enumerate(value, start=1):
            yield from shape_problems(block.child_block, inner, f"{place} › {number}番目")
    elif isinstance(block, blocks.FieldBlock) and (wanted := _kind_wanted(block.field, value)):
        yield f"{place}: {wanted}にしてください。"


def _kind_wanted(field: forms.Field, value: Any) -> str:
    """What the setting should be, "" when it is that."""
    if isinstance(field, forms.BooleanField):
        return "" if isinstance(value, bool) else "true と false のどちらか"
    if value is None:
        return ""  # not filled in
    if isinstance(field, forms.IntegerField):
        return "" if type(value) is int else _KINDS["integer"]
    if isinstance(field, forms.CharField | forms.ChoiceField):
        return "" if isinstance(value, str) else f'{_KINDS["string"]}（" " で囲む）'
    return ""

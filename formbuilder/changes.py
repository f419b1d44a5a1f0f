"""What differs between two states of a form, in sentences for the person who approves it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from formbuilder.definition import FieldDef, FormDefinition
from formbuilder.fields import FIELD_TYPES
from formbuilder.mails import mails
from formbuilder.preview import called, in_words

GATES = "本人確認・予約・支払いなどの手続の設定を変更"


@dataclass(frozen=True, slots=True)
class Change:
    """One sentence, and the key of the block that it is about; "" for the form itself."""

    sentence: str
    block: str = ""


@dataclass(frozen=True, slots=True)
class _Placed:
    item: FieldDef
    step: str


def changes(old: FormDefinition, new: FormDefinition) -> list[Change]:
    """In the order of the new form; what is gone comes last."""
    return [*_of_form(old, new), *_of_steps(old, new), *_of_items(old, new)]


def _of_form(old: FormDefinition, new: FormDefinition) -> Iterator[Change]:
    if old.title != new.title:
        yield Change(f"手続の名前を「{old.title}」から「{new.title}」に変更")
    if old.after != new.after:
        yield Change("完了画面の案内を変更")
    if dict(old.requires) != dict(new.requires):
        yield Change(GATES)
    for name, mail in mails().items():
        if old.mails.get(name) != new.mails.get(name):
            how = "標準の文に戻す" if name not in new.mails else "変更"
            yield Change(f"メール「{mail.label}」の文面を{how}")


def _of_steps(old: FormDefinition, new: FormDefinition) -> Iterator[Change]:
    before = {step.key: step for step in old.steps}
    old_items, new_items = _by_key(old), _by_key(new)
    for step in new.steps:
        was = before.pop(step.key, None)
        name = f"画面「{step.title}」"
        if was is None:
            yield Change(f"{name}を追加", step.key)
            continue
        if was.title != step.title:
            yield Change(f"画面「{was.title}」の題名を「{step.title}」に変更", step.key)
        if was.intro != step.intro:
            yield Change(f"{name}の説明を変更", step.key)
        if was.visible != step.visible:
            words = _when(step.visible, new_items)
            yield Change(f"{name}の表示条件を「{_when(was.visible, old_items)}」から「{words}」に変更", step.key)
    for step in before.values():
        yield Change(f"画面「{step.title}」を削除")
    kept = [step.key for step in old.steps if step.key not in before]
    if kept != [step.key for step in new.steps if step.key in kept]:
        yield Change("画面の順番を変更")


def _of_items(old: FormDefinition, new: FormDefinition) -> Iterator[Change]:
    before = {placed.item.key: placed for placed in _placed(old)}
    old_items, new_items = _by_key(old), _by_key(new)
    for placed in _placed(new):
        was = before.pop(placed.item.key, None)
        name = called(placed.item)
        if was is None:
            yield Change(f"項目{name}（{_type(placed.item)}）を画面「{placed.step}」に追加", placed.item.key)
            continue
        if was.step != placed.step:
            yield Change(f"項目{name}を画面「{was.step}」から画面「{placed.step}」に移動", placed.item.key)
        for sentence in _of_item(was.item, placed.item, old_items, new_items):
            yield Change(sentence, placed.item.key)
    for placed in before.values():
        yield Change(f"項目{called(placed.item)}（{_type(placed.item)}）を削除")


def _of_item(
    old: FieldDef, new: FieldDef, before: Mapping[str, FieldDef], after: Mapping[str, FieldDef]
) -> Iterator[str]:
    name = called(new)
    if old.label != new.label:
        yield f"項目{called(old)}の見出しを「{new.label}」に変更"
    if old.type != new.type:
        yield f"項目{name}の種類を「{_type(old)}」から「{_type(new)}」に変更"
    if old.required != new.required:
        yield f"項目{name}を{'必須' if new.required else '任意'}に変更"
    if old.name != new.name and (old.name, new.name) != (old.label, new.label):
        yield f"項目{name}の項目名を「{old.name}」から「{new.name}」に変更"
    if old.help != new.help:
        yield f"項目{name}の説明を変更" if new.help else f"項目{name}の説明を削除"
    if old.sensitive != new.sensitive:
        yield f"項目{name}を機微な情報に{'' if new.sensitive else 'しないように'}変更"
    if old.visible != new.visible:
        yield f"項目{name}の表示条件を「{_when(old.visible, before)}」から「{_when(new.visible, after)}」に変更"
    if old.rules != new.rules:
        yield f"項目{name}の入力規則を変更"
    if old.type == new.type:
        yield from _of_options(name, old.options, new.options)


def _of_options(name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    """Choices one by one; other settings by their number, since their names are the program's."""
    was, now = _choices(old), _choices(new)
    for code in now.keys() - was.keys():
        yield f"項目{name}に選択肢「{now[code]}」を追加"
    for code in was.keys() - now.keys():
        yield f"項目{name}の選択肢「{was[code]}」を削除"
    for code in sorted(was.keys() & now.keys()):
        if was[code] != now[code]:
            yield f"項目{name}の選択肢「{was[code]}」を「{now[code]}」に変更"
    if list(was) != list(now) and was.keys() == now.keys():
        yield f"項目{name}の選択肢の順番を変更"
    if old.get("formula") != new.get("formula"):
        yield f"項目{name}の式を変更"
    special = {"choices", "formula"}
    if {k: v for k, v in old.items() if k not in special} != {k: v for k, v in new.items() if k not in special}:
        yield f"項目{name}の設定を変更"


def _choices(options: Mapping[str, Any]) -> dict[str, str]:
    rows = options.get("choices") or options.get("things")
    if not isinstance(rows, list):
        return {}
    return {str(row["value"]): str(row["label"]) for row in rows if isinstance(row, Mapping) and "value" in row}


def _placed(definition: FormDefinition) -> Iterator[_Placed]:
    for step in definition.steps:
        for item in step.fields:
            for each in (item, *item.fields):
                yield _Placed(each, step.title)


def _by_key(definition: FormDefinition) -> dict[str, FieldDef]:
    return {placed.item.key: placed.item for placed in _placed(definition)}


def _type(item: FieldDef) -> str:
    return FIELD_TYPES[item.type].label


def _when(condition: Any, items: Mapping[str, FieldDef]) -> str:
    return "いつも表示" if condition is None else f"{in_words(condition, items)}に表示"

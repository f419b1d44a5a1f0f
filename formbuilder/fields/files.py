"""写真 and ファイル: the answer is a list of attachment ids; what lies behind an id is the business of applications."""

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from wagtail import blocks

from formbuilder.definition import FieldDef
from formbuilder.fields.base import Answer, FieldRefused, FieldType, FormulaCompiler
from formbuilder.fields.reading import UNREADABLE, list_in
from formbuilder.uploads.policy import (
    FILE_KINDS,
    MEGABYTE,
    PHOTO_KINDS,
    UploadPolicy,
    accept_attribute,
    kind_of_mime,
)

MOST_FILES = 20
_ID = re.compile("[A-Za-z0-9_-]+")


class FileType(FieldType):
    name = "file"
    label = "ファイル（PDF・画像）"
    icon = "doc-full-inverse"
    group = "添付"
    kind = None
    takes_files = True
    in_rows = False  # a file belongs to an item of the form, not to a row
    multiple = True
    example: ClassVar = ["Gk3v9QhT2bXn"]
    missing = gettext_noop("{label}を添付してください。")
    too_few: ClassVar[str] = gettext_noop("{label}は{least}個以上添付してください（今は{count}個です）。")
    too_many: ClassVar[str] = gettext_noop("{label}は{most}個までです。いらないものを削除してください。")
    counter: ClassVar[str] = "個"
    kinds: ClassVar[frozenset[str]] = FILE_KINDS

    def own_blocks(self) -> list[tuple[str, blocks.Block]]:
        return [
            ("min_files", _count_block(f"少なくとも付ける数（{self.counter}）")),
            ("max_files", _count_block(f"多くても付けられる数（{self.counter}）")),
            (
                "max_mb",
                blocks.IntegerBlock(
                    default=10, min_value=1, max_value=100, label=f"1{self.counter}の大きさの上限（MB）"
                ),
            ),
        ]

    def compile_options(self, value: Mapping[str, Any], compiler: FormulaCompiler) -> dict[str, Any]:
        least, most, size = value["min_files"], value["max_files"], value["max_mb"]
        if least > most:
            compiler.problem(f"少なくとも付ける数（{least}）が、多くても付けられる数（{most}）より大きくなっています。")
        if size * MEGABYTE > settings.UPLOAD_MAX_BYTES:
            limit = settings.UPLOAD_MAX_BYTES // MEGABYTE
            compiler.problem(f"1{self.counter}の大きさの上限は、この窓口で受け取れる{limit}MB以下にしてください。")
        accept = accept_attribute(UploadPolicy(self.kinds, size * MEGABYTE)).split(",")
        return {"min_files": least, "max_files": most, "max_mb": size, "accept": accept}

    def policy(self, field: FieldDef) -> UploadPolicy:
        """What a file has to be like to be taken."""
        given = (kind_of_mime(mime) for mime in field.options.get("accept", ()))
        kinds = frozenset(kind.name for kind in given if kind) or self.kinds
        return UploadPolicy(kinds, (field.options.get("max_mb") or 10) * MEGABYTE)

    def most(self, field: FieldDef) -> int:
        """How many files the item takes."""
        return int(field.options.get("max_files") or 1)

    def normalise(self, field: FieldDef, raw: Any) -> Answer | None:
        """raw: ids of files that are already kept."""
        ids = list_in(raw)
        if not ids:
            return None
        if not all(_ID.fullmatch(one) for one in ids):
            raise FieldRefused(_(UNREADABLE))
        least, most = field.options.get("min_files") or 1, self.most(field)
        if len(ids) < least:
            raise FieldRefused(_(self.too_few).format(label=field.label, least=least, count=len(ids)))
        if len(ids) > most:
            raise FieldRefused(_(self.too_many).format(label=field.label, most=most))
        return ids

    def display(self, field: FieldDef, answer: Answer | None) -> str:
        return f"{len(answer)}{self.counter}" if answer else ""

    def cells(self, field: FieldDef, answer: Answer | None) -> list[str]:
        """answer: the names of the files in place of their ids, which mean nothing to people."""
        return ["\n".join(answer or [])]

    def json_schema(self, field: FieldDef) -> dict[str, Any]:
        limits = {"minItems": field.options.get("min_files") or 1, "maxItems": self.most(field)}
        return {"type": "array", "title": field.label, "items": {"type": "string"}, **limits}


class PhotoType(FileType):
    name = "photo"
    label = "写真"
    icon = "image"
    counter = "枚"
    too_few = gettext_noop("{label}は{least}枚以上添付してください（今は{count}枚です）。")
    too_many = gettext_noop("{label}は{most}枚までです。いらないものを削除してください。")
    kinds = PHOTO_KINDS

    def own_blocks(self) -> list[tuple[str, blocks.Block]]:
        keep = blocks.BooleanBlock(
            required=False,
            label="撮影した場所を残す",
            help_text="道路の破損など、場所を知らせてもらう写真だけに使ってください。",
        )
        camera = blocks.BooleanBlock(
            required=False,
            label="カメラで撮ってもらう",
            help_text="スマートフォンでは、すぐにカメラが開きます。撮ってある写真は選べなくなります。",
        )
        return [*super().own_blocks(), ("keep_location", keep), ("camera", camera)]

    def compile_options(self, value: Mapping[str, Any], compiler: FormulaCompiler) -> dict[str, Any]:
        own = {"keep_location": bool(value["keep_location"])}
        if value.get("camera"):  # a form without it is the same document as before there was a choice
            own["camera"] = True
        return {**super().compile_options(value, compiler), **own}

    def policy(self, field: FieldDef) -> UploadPolicy:
        policy = super().policy(field)
        return UploadPolicy(policy.kinds, policy.max_bytes, bool(field.options.get("keep_location")))


def _count_block(label: str) -> blocks.IntegerBlock:
    return blocks.IntegerBlock(default=1, min_value=1, max_value=MOST_FILES, label=label)

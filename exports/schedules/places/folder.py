"""A folder of the server: below the root that the operator has named, and there below the department's own."""

import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from django.conf import settings

from exports.schedules.places import Parcel, Undelivered

NAME = re.compile(r"[\w][\w .-]{0,59}")  # one folder, nothing that leads elsewhere


def root() -> Path | None:
    return Path(settings.EXPORT_ROOT) if settings.EXPORT_ROOT else None


def put(where: Mapping[str, str], secret: str, parcel: Parcel) -> None:
    base = root()
    if base is None or not NAME.fullmatch(where.get("folder", "")):
        raise Undelivered("フォルダに置く設定がありません。システム管理者に相談してください。")
    folder = base / parcel.department / where["folder"]
    try:
        if not folder.resolve().is_relative_to(base.resolve()):  # a link that leads out
            raise Undelivered("フォルダが、決められた場所の外にあります。")
        for each in (base, folder.parent, folder):
            each.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = folder / f".{parcel.name}.part"
        draft.unlink(missing_ok=True)  # of an attempt that died
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            shutil.copyfileobj(parcel.content, file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(folder / parcel.name)  # whoever looks sees it whole
    except OSError as problem:
        raise Undelivered(f"フォルダに書き込めません（{problem.strerror or '入出力の問題'}）。") from None

"""What the API takes and gives."""

from datetime import datetime
from typing import Any, Literal

from ninja import Field, Schema


class FieldOut(Schema):
    key: str
    name: str
    label: str
    type: str
    sensitive: bool
    schema_: dict[str, Any] = Field(serialization_alias="schema", description="回答のJSON Schema")


class FormOut(Schema):
    code: str
    title: str
    version: int


class FormDetail(FormOut):
    fields: list[FieldOut]


class ApplicationRow(Schema):
    """No personal data: those are in the detail."""

    reference: str
    form: str
    form_title: str
    status: str
    channel: str
    received_at: datetime


class ApplicationPage(Schema):
    items: list[ApplicationRow]
    next: str | None = Field(description="続きがあるとき、次の要求の`after`に渡す文字列")


class FileOut(Schema):
    id: str
    item: str
    name: str
    content_type: str
    size: int
    sha256: str


class ApplicationDetail(Schema):
    reference: str
    status: str
    etag: str = Field(description="状態を変えるときに`If-Match`で渡す文字列")
    document: dict[str, Any] = Field(description="A票・B票")
    files: list[FileOut]


class EventOut(Schema):
    id: int
    kind: str
    at: datetime
    reference: str
    before: str
    after: str


class EventPage(Schema):
    items: list[EventOut]
    last: int = Field(description="次の要求の`after`に渡す番号")


class StatusChange(Schema):
    action: Literal["review_started", "approved", "rejected", "reopened", "completed"]
    reason: str = Field("", max_length=2000, description="職員の履歴に残る理由")


class StatusOut(Schema):
    reference: str
    status: str
    etag: str = Field(description="次に状態を変えるときに`If-Match`で渡す文字列")

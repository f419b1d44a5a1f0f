"""Exports and their files, read back as a department would."""

import csv
import io
from typing import Any
from urllib.parse import unquote

from django.test import Client
from django.urls import reverse
from openpyxl import Workbook, load_workbook


def export(client: Client, format_: str, query: str = "") -> Any:
    return client.post(f"{reverse('exports:new')}{query}", {"format": format_})


def content(response: Any) -> bytes:
    assert response.status_code == 200, response.content.decode()
    assert response.streaming
    body: bytes = b"".join(response)
    return body


def csv_rows(client: Client, query: str = "") -> list[list[str]]:
    text = content(export(client, "csv", query)).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


def csv_table(client: Client, query: str = "") -> list[dict[str, str]]:
    """One dict per application: heading -> text."""
    headings, *rows = csv_rows(client, query)
    assert len(set(headings)) == len(headings)
    return [dict(zip(headings, row, strict=True)) for row in rows]


def workbook(client: Client, query: str = "") -> Workbook:
    return load_workbook(io.BytesIO(content(export(client, "xlsx", query))))


def sheet_rows(book: Workbook, title: str) -> list[list[str]]:
    """Empty cells as ""."""
    return [["" if value is None else str(value) for value in row] for row in book[title].iter_rows(values_only=True)]


def file_name(response: Any) -> str:
    """As RFC 5987 has it."""
    return unquote(response["Content-Disposition"].partition("filename*=utf-8''")[2])

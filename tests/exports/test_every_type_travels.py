"""An answer of every type, in every file that leaves the house."""

import io
import json
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import jsonschema
import pytest
from django.test import Client
from pypdf import PdfReader

from applications.models import Application
from formbuilder.fields.base import FieldType
from formbuilder.models import FormPage
from formbuilder.runtime import RuntimeField
from tests.exports.asking import ask, make_token
from tests.exports.reading import csv_table, workbook
from tests.exports.waiting import make, received
from tests.support.cast import Cast, current_version, make_form, submit
from tests.support.every_type import alone, answer_of, every_item, name_of

GIVEN = [type_ for type_ in alone() if type_.is_input and type_.is_asked and not type_.takes_files]


@pytest.fixture
def form(cast: Cast) -> FormPage:
    return make_form(cast.children, steps={"内容": every_item(required=False)})


@pytest.fixture
def application(form: FormPage) -> Application:
    return submit(form, {name_of(type_): answer_of(type_) for type_ in GIVEN})


@pytest.fixture
def desk(cast: Cast, client: Client) -> Client:
    client.force_login(cast.officer)
    return client


def fields_of(form: FormPage) -> Iterator[tuple[FieldType, RuntimeField]]:
    engine = current_version(form).engine
    by_name = {field.definition.name: field for field in engine.fields.values()}
    return ((type_, by_name[name_of(type_)]) for type_ in GIVEN)


def test_csv_has_every_cell_of_every_type(form: FormPage, application: Application, desk: Client) -> None:
    [row] = csv_table(desk)
    for type_, field in fields_of(form):
        definition = field.definition
        expected = dict(zip(type_.headers(definition), type_.cells(definition, answer_of(type_)), strict=True))
        assert any(expected.values()), type_.name
        assert {heading: row[heading].lstrip("'") for heading in expected} == expected, type_.name


def test_excel_counts_with_what_is_a_number_or_a_day(form: FormPage, application: Application, desk: Client) -> None:
    sheet = workbook(desk)["出産応援ギフト"]
    cells = {str(sheet.cell(1, cell.column or 0).value): cell for cell in sheet[2]}
    kinds: dict[str, Any] = {"number": (int, float), "date": datetime, "text": str}
    for type_, field in fields_of(form):
        definition = field.definition
        columns = zip(
            type_.headers(definition),
            type_.cells(definition, answer_of(type_)),
            type_.cell_kinds(definition),
            strict=True,
        )
        for heading, text, kind in columns:
            if text:
                assert isinstance(cells[heading].value, kinds[kind]), heading


def test_the_api_keeps_its_promise_for_every_type(cast: Cast, form: FormPage, application: Application) -> None:
    secret = make_token(cast.children, cast.officer)
    promised: dict[str, Any] = {field["name"]: field["schema"] for field in ask(secret, "/forms/gift").json()["fields"]}
    document = ask(secret, f"/applications/{application.reference}").json()["document"]
    told = {each["項目名"]: each for each in document["B票"]["内容"]}
    for type_ in GIVEN:
        jsonschema.validate(answer_of(type_), promised[name_of(type_)])
        if name_of(type_) in told:  # who applies stands apart
            assert told[name_of(type_)]["値"] == answer_of(type_), type_.name
            assert told[name_of(type_)]["種類"] == type_.name


def test_json_and_paper_say_what_people_read(form: FormPage, application: Application, desk: Client) -> None:
    data = received(desk, make(desk, "json")).decode()
    assert all(name_of(type_) in data or type_.name in ("full_name", "kana_name") for type_ in GIVEN)
    assert json.loads(data)["applications"][0]["受付番号"] == application.reference
    pages = PdfReader(io.BytesIO(received(desk, make(desk, "pdf")))).pages
    paper = re.sub(r"\s", "", "".join(page.extract_text() for page in pages))
    for type_, field in fields_of(form):
        if not field.definition.sensitive:
            shown = re.sub(r"\s", "", type_.display(field.definition, answer_of(type_)))
            assert re.sub(r"\s", "", name_of(type_)) in paper, type_.name
            assert shown[:8] in paper, type_.name

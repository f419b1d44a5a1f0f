"""The benchmark asks for the right things, counts what it should, and says when a measurement is worth nothing."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.test import Client, RequestFactory

from bench import content
from bench.bookers import SLOT
from bench.client import Answer
from bench.machine import wait_until_quiet
from bench.phases import Phase, Sample
from bench.rendering import KINDS, django_form, skin_and_filling, step_of_60
from bench.report import Budget, cells, row_of
from bench.residents import TEXTS, our_answers
from bench.rules import big_form, evaluate, number_of_rules
from bench.sites import HALL, OURS, REFERENCE
from bench.visit import Wire
from bench.wire import MULTIPART, FormChanged, PageForm, post
from formbuilder.models import FormPage
from reservations.models import Slot

ROOT = Path(__file__).parent.parent
PAGE = """
<form method="get"><input name="search"></form>
<form method="post" enctype="{enctype}">
  <input type="hidden" name="csrfmiddlewaretoken" value="token"><input name="name"><button name="action">Next</button>
  <select name="ward"></select><textarea name="wish"></textarea>
</form>
<form method="post"><input name="other"></form>
"""
ANSWERS = {"name": "試験 & 太郎", "ward": "中央区", "wish": "一行目\r\n二行目"}
SAMPLE = Sample(
    "get", 100, 50.0, 50.0, 1.0, 2.0, app_cpu=4.0, db_cpu=1.0, client=0.1, foreign=0.0, wrong=0, stored=None
)


def run(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-W", "ignore", "-m", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, check=True, timeout=60
    )


@pytest.mark.parametrize("enctype", ["application/x-www-form-urlencoded", MULTIPART])
def test_a_posted_form_arrives_as_a_browser_would_have_sent_it(enctype: str) -> None:
    body = PageForm(PAGE.format(enctype=enctype)).body(ANSWERS, {"action": "next"})
    head, _, sent = post(8000, "/apply/", body, "csrftoken=secret", "").partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
    request = RequestFactory().generic("POST", "/apply/", sent, content_type=headers["Content-Type"])
    assert request.POST.dict() == {"csrfmiddlewaretoken": "token", **ANSWERS, "action": "next"}
    assert int(headers["Content-Length"]) == len(sent)
    assert headers["Cookie"] == "csrftoken=secret"
    assert headers["Origin"] == "http://127.0.0.1:8000"


@pytest.mark.parametrize("answers", [{**ANSWERS, "more": "x"}, {"name": "x"}])
def test_a_form_that_is_not_the_expected_one_is_not_filled_in(answers: dict[str, str]) -> None:
    with pytest.raises(FormChanged):
        PageForm(PAGE.format(enctype=MULTIPART)).body(answers)
    with pytest.raises(FormChanged):
        PageForm("<p>no form</p>")


def test_cookies_and_headers_are_found_in_an_answer() -> None:
    answer = Answer(302, "HTTP/1.1 302 Found\r\nLocation: /there/\r\nSet-Cookie: a=1; Path=/\r\nset-cookie: b=2", b"")
    assert answer.header("location") == "/there/" and answer.header("missing") == ""
    assert answer.cookie("a") == "a=1" and answer.cookie("b") == "b=2" and answer.cookie("c") == ""


def test_every_answer_of_the_load_client_is_counted() -> None:
    figures = json.loads(run("bench.bare", "0.1").stdout)
    assert figures["requests_s"] > 0 and figures["wrong"] == 0


def test_waiting_for_a_quiet_machine_ends() -> None:
    assert wait_until_quiet(0) == pytest.approx(0, abs=1)


@pytest.mark.django_db
def test_our_form_has_the_twelve_items_and_takes_the_answers() -> None:
    content.fill()
    page = FormPage.objects.get(code="twelve")
    version = page.versions.get(is_current=True)
    (step,) = version.engine.definition.steps
    assert page.live and len(step.fields) == 12 and OURS.path == page.start_url
    data = RequestFactory().post("/", our_answers(TEXTS["wish"])).POST
    form = version.engine.form(step)(data, answers={}, today=date(2026, 4, 1))
    assert form.is_valid(), form.errors
    assert form.taken.keys() == {item.key for item in step.fields}
    assert all(answer is not None for answer in form.taken.values())


@pytest.mark.django_db
def test_our_hall_offers_all_its_slots_on_one_page(client: Client) -> None:
    content.fill()
    step = client.get(HALL).headers["Location"]
    version = FormPage.objects.get(code="hall").versions.get(is_current=True)
    gate = client.post(step, {"f-name": "試験 太郎", "version": version.pk, "action": "next"}, follow=True)
    offered = SLOT.findall(gate.content.decode())
    assert {int(slot) for slot in offered} == set(Slot.objects.values_list("pk", flat=True))
    assert len(offered) == content.SLOTS


def test_the_reference_site_is_sound_and_its_migration_is_complete() -> None:
    environment = {"DJANGO_SETTINGS_MODULE": REFERENCE.settings, "DATABASE_URL": "sqlite:///:memory:"}
    assert "No changes" in run("django", "makemigrations", "--check", "--dry-run", **environment).stdout


def test_production_settings_do_not_depend_on_the_developers_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MADOGUCHI_DEBUG", "true")
    environment = OURS.environment("postgres:///x", Path("there"))
    assert "MADOGUCHI_DEBUG" not in environment
    assert environment["DJANGO_SETTINGS_MODULE"] == "config.settings" and environment["DATABASE_URL"] == "postgres:///x"


@pytest.mark.parametrize(
    ("changes", "words"),
    [({}, ""), ({"wrong": 1}, "not what they should be"), ({"stored": 99}, "99 are in"), ({"units": 0}, "nothing")],
)
def test_a_measurement_whose_answers_and_rows_differ_is_worth_nothing(changes: dict[str, Any], words: str) -> None:
    problem = replace(SAMPLE, **changes).problem
    assert words in problem and bool(problem) is bool(words)


def test_rows_are_compared_round_by_round() -> None:
    phase = Phase("get", "ours", OURS, lambda: lambda line: True, "ref")
    slow, quick = replace(SAMPLE, units_s=10.0, requests_s=10.0), replace(SAMPLE, units_s=30.0, requests_s=60.0)
    found = {"get": [slow, quick, SAMPLE], "ref": [slow, slow, replace(SAMPLE, units_s=25.0, app_cpu=6.0)]}
    row = row_of(phase, found)
    assert row.ratio == 2.0  # of 1, 3 and 2
    assert row.cpu_ratio == 1.0  # of 4/4, 4/8 and 12/4
    assert cells(row)[:3] == ("ours", "30", "2.00")


def test_a_budget_is_met_at_its_goal() -> None:
    assert Budget("×", 3.0, 3).is_met and not Budget("×", 2.99, 3).is_met
    assert Budget("ms", 5.0, 5, at_least=False).is_met and not Budget("ms", 5.1, 5, at_least=False).is_met
    assert "NOT MET" in Budget("×", 2.0, 3).line()


def test_the_large_form_has_300_items_and_65_rules_and_evaluates_all_of_them() -> None:
    form, answers = big_form()
    _, state = evaluate(form, answers, 1)
    assert len(form.fields) == 300 and number_of_rules(form) == 65
    assert state.visible == form.fields.keys() and not state.broken
    calculated = [key for key, item in form.fields.items() if item.formula is not None]
    assert len(calculated) == 20 and all(state.answers[key] == "188" for key in calculated)


def test_both_renderings_show_the_same_sixty_items() -> None:
    skin, filling = skin_and_filling(step_of_60())
    ours, theirs = str(skin.fill(filling)), django_form().as_div()
    for at in range(len(KINDS)):
        assert f'name="f-f{at}"' in ours and f'name="f-f{at}"' in theirs
    assert (
        ours.count("見本 &lt;花子&gt; &amp; 太郎")
        == theirs.count("見本 &lt;花子&gt; &amp; 太郎")
        == KINDS.count("text")
    )
    assert ours.count(" selected") == theirs.count(" selected") == KINDS.count("select")


def test_scripts_are_weighed_apart_from_the_rest_of_a_visit() -> None:
    wire = Wire(kinds={"1": "Document", "2": "Script", "3": "Stylesheet"}, sizes={"1": 3072, "2": 1024, "3": 512})
    assert (wire.kb(), wire.kb("Script")) == (4.5, 1.0)

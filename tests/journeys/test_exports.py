"""A department takes its data out: a file from the background, a template of its own, a token for its system; and
gives its decisions back in a file."""

import csv
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from cms.models import Role
from exports.schedules.models import Run, RunState
from exports.webhooks.models import Attempt
from tests.journeys.test_building import log_in
from tests.support.cast import PASSWORD, SOMEBODY, Cast, make_cast, make_staff, submit
from tests.support.pages import axe, picture
from tests.support.server import Server, eventually
from tests.support.webhook import webhook


@pytest.fixture
def cast(server: Server) -> Cast:
    cast = make_cast()
    make_staff("exporter", (cast.children, Role.OFFICER), password=PASSWORD)
    make_staff("decider", (cast.children, Role.APPROVER), password=PASSWORD)
    for note in ("𠮷野家", "折り返しの電話を希望します"):
        submit(cast.form, {**SOMEBODY, "備考": note})
    return cast


def look(page: Page, name: str) -> None:
    """No accessibility problem, and pictures as wide as a desk and as narrow as a phone."""
    axe(page, "main")
    picture(page, name)
    page.set_viewport_size({"width": 390, "height": 844})
    picture(page, f"{name}-390")
    page.set_viewport_size({"width": 1280, "height": 800})


def test_a_department_takes_its_data_out(cast: Cast, desktop: BrowserContext, tmp_path: Path) -> None:
    page = desktop.new_page()
    log_in(page, "exporter")
    page.goto("/admin/exports/")
    look(page, "export")
    page.get_by_label("CSV（シフトJIS・CP932）").check()
    page.get_by_role("button", name="出力する").click()
    take = page.get_by_role("button", name="ファイルを受け取る")
    expect(take).to_be_visible()  # the worker has made it, and the page has seen that by itself
    expect(page.get_by_text("別の文字にしました")).to_be_visible()
    look(page, "export-file")
    with page.expect_download() as download:
        take.click()
    download.value.save_as(tmp_path / "file.csv")
    assert "〓野家" in (tmp_path / "file.csv").read_text(encoding="cp932")

    page.goto("/admin/exports/templates/new/")
    page.get_by_label("名称").fill("基幹システムへ")
    page.get_by_label("出産応援ギフト").check()
    look(page, "export-template-new")
    page.get_by_role("button", name="次へ（列を選ぶ）").click()
    expect(page.get_by_role("heading", name="見本（はじめの10件）")).to_be_visible()
    look(page, "export-template")

    page.goto("/admin/exports/tokens/new/")
    page.get_by_label("名称").fill("基幹システム")
    page.get_by_label("申請を読む").check()
    look(page, "api-token-new")
    page.get_by_role("button", name="トークンを作る").click()
    expect(page.locator(".exports-secret")).to_contain_text("mdg_")
    look(page, "api-token-made")
    page.goto("/admin/exports/tokens/")
    expect(page.get_by_text("基幹システム（mdg_")).to_be_visible()
    look(page, "api-tokens")


def test_data_goes_out_by_itself(cast: Cast, desktop: BrowserContext) -> None:
    page = desktop.new_page()
    log_in(page, "exporter")
    with webhook() as there:
        page.goto("/admin/exports/webhooks/new/")
        page.get_by_label("名称").fill("基幹システム")
        page.get_by_label("送り先のアドレス").fill(there.url)
        look(page, "webhook-new")
        page.get_by_role("button", name="Webhookを作る").click()
        expect(page.locator(".exports-secret")).to_contain_text("whsec_")
        look(page, "webhook-secret")
        application = submit(cast.form)
        page.get_by_role("link", name="控えました").click()
        expect(page.get_by_role("heading", name="送った記録")).to_be_visible()
        eventually(lambda: Attempt.objects.filter(status=200))
        assert str(application.reference) in there.brought[0].decode()
        page.reload()
        expect(page.get_by_role("cell", name=str(application.reference), exact=True)).to_be_visible()
        expect(page.get_by_role("cell", name="HTTP 200", exact=True)).to_be_visible()
        look(page, "webhook")
        page.goto("/admin/exports/webhooks/")
        expect(page.get_by_role("link", name="基幹システム")).to_be_visible()
        look(page, "webhooks")

    page.goto("/admin/exports/templates/new/")
    page.get_by_label("名称").fill("毎朝の一覧")
    page.get_by_label("出産応援ギフト").check()
    page.get_by_role("button", name="次へ（列を選ぶ）").click()
    expect(page.get_by_role("heading", name="見本（はじめの10件）")).to_be_visible()
    page.goto("/admin/exports/schedules/new/")
    look(page, "schedule-choose")
    page.goto("/admin/exports/schedules/new/sftp/")
    look(page, "schedule-sftp")
    page.goto("/admin/exports/schedules/new/mail/")
    page.get_by_label("名称").fill("毎朝")
    look(page, "schedule-new")
    page.get_by_role("button", name="定期出力を作る").click()
    page.get_by_role("button", name="今すぐ出力する").click()
    expect(page.get_by_text("まもなく出力します")).to_be_visible()
    eventually(lambda: Run.objects.filter(state=RunState.DONE), within=60)
    page.reload()
    expect(page.get_by_role("cell", name="渡しました", exact=True)).to_be_visible()
    look(page, "schedule")
    page.goto("/admin/exports/schedules/")
    expect(page.get_by_role("link", name="毎朝")).to_be_visible()
    look(page, "schedules")


def test_decisions_come_back_in_a_file(cast: Cast, desktop: BrowserContext, tmp_path: Path) -> None:
    page = desktop.new_page()
    log_in(page, "decider")
    page.goto("/admin/cases/")
    page.get_by_role("link", name="結果をファイルで入れる").click()
    expect(page.get_by_text("決定できる申請（2件）")).to_be_visible()
    look(page, "filling")
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV（UTF-8）").click()
    download.value.save_as(tmp_path / "taken.csv")
    headings, first, second = csv.reader((tmp_path / "taken.csv").read_text(encoding="utf-8-sig").splitlines())
    wrong, right = tmp_path / "wrong.csv", tmp_path / "right.csv"
    first[-2:], second[-2:] = ["決定", "窓口へお越しください"], ["不承認", ""]
    write(wrong, headings, first, second)
    second[-1] = "対象となる期間を過ぎています"
    write(right, headings, first, second)

    page.get_by_label("結果を書き込んだファイル").set_input_files(wrong)
    page.get_by_role("button", name="内容を確かめる").click()
    expect(page.get_by_text("不承認の理由を書いてください")).to_be_visible()
    look(page, "filling-problems")
    page.goto("/admin/cases/filling/")
    page.get_by_label("結果を書き込んだファイル").set_input_files(right)
    page.get_by_role("button", name="内容を確かめる").click()
    expect(page.get_by_text("次の2件が変わります。")).to_be_visible()
    look(page, "filling-changes")
    page.get_by_role("button", name="2件を記録する").click()
    expect(page.get_by_text("2件の結果を記録しました")).to_be_visible()
    look(page, "filling-done")


def write(file: Path, *rows: list[str]) -> None:
    with file.open("w", encoding="utf-8-sig", newline="") as target:
        csv.writer(target).writerows(rows)

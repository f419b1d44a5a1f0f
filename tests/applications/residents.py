"""A resident at the other end of HTTP: one browser, one form.

resident = Resident(form)
resident.fill("1", {"氏名": {"family": "見本", "given": "花子"}})   # and presses 「次へ進む」
"""

import html
import re
from collections.abc import Mapping
from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from applications.answers import opened, opened_unfinished
from applications.models import Application
from formbuilder.engine import Engine
from formbuilder.models import FormPage
from formbuilder.steps import input_id
from tests.support.cast import current_version, item, key_of, when

Response = Any  # what Django's test client gives: any kind of response, and more on it

# Everything that a resident's path can do, on two screens and a third that some have
STEPS = {
    "申請者": [
        item("full_name", "氏名"),
        item("address", "住所"),
        item(
            "stop",
            "対象外です",
            message="<p>新潟市の方が対象です。</p>",
            condition={
                "rows": [
                    {"field": f"{key_of('住所')}.city", "operator": "not_blank", "value": ""},
                    {"field": f"{key_of('住所')}.city", "operator": "not_starts_with", "value": "新潟市"},
                ],
                "match": "all",
            },
        ),
        item("email", "メール", required=False),
    ],
    "妊娠": [
        item("yes_no", "多胎"),
        item("number", "胎児の数", min="2", max="5", condition=when("多胎", "eq", "はい")),
        item("photo", "表紙", min_files=1, max_files=2, max_mb=10),
    ],
    "受取": [
        item(
            "choice",
            "受取方法",
            choices=[{"label": "公金受取口座", "code": "koukin"}, {"label": "口座を指定", "code": "shitei"}],
        ),
        item("text", "備考", required=False),
        item("bank_account", "口座", sensitive=True, condition=when("受取方法", "eq", "口座を指定")),
        item("file", "通帳", max_files=1, condition=when("受取方法", "eq", "口座を指定")),
    ],
}
CITY = {
    "postcode": "9518550",
    "prefecture": "新潟県",
    "city": "新潟市中央区",
    "town": "学校町通1-602-1",
    "building": "",
}
ELSEWHERE = {**CITY, "postcode": "9400062", "city": "長岡市", "town": "大手通1-4-10"}
ACCOUNT = {
    "bank_code": "0140",
    "bank_name": "みほん銀行",
    "branch_code": "201",
    "branch_name": "本店",
    "kind": "1",
    "number": "1234567",
    "holder": "ミホン ハナコ",
}
APPLICANT = {"氏名": {"family": "見本", "given": "花子"}, "住所": CITY, "メール": "hanako@example.jp"}


def photo(name: str = "表紙.jpg", color: str = "red") -> SimpleUploadedFile:
    """A real JPEG; each colour is another file."""
    output = BytesIO()
    Image.new("RGB", (64, 48), color).save(output, "JPEG")
    return SimpleUploadedFile(name, output.getvalue(), "image/jpeg")


def boxes(engine: Engine, answers: Mapping[str, Any]) -> dict[str, Any]:
    """What a browser sends for answers that are given by the names of items."""
    posted: dict[str, Any] = {}
    fields = {field.definition.name: field for field in engine.fields.values()}
    for name, answer in answers.items():
        field = fields[name]
        box = answer if field.type.takes_files else field.type.boxes(field.definition, answer)
        if isinstance(box, dict):
            posted |= {f"{input_id(field.key)}-{part}": text for part, text in box.items()}
        else:
            posted[input_id(field.key)] = box
    return posted


class Resident:
    def __init__(self, form: FormPage, client: Client | None = None) -> None:
        self.code, self.form = form.code, form
        self.client = client or Client()

    @property
    def engine(self) -> Engine:
        return self.draft.version.engine if self.key else current_version(self.form).engine

    @property
    def key(self) -> str:
        """The cookie that opens the draft."""
        cookie = self.client.cookies.get(f"mg-{self.code}")
        return cookie.value if cookie else ""

    @property
    def draft(self) -> Application:
        return Application.objects.select_related("version").get(public_id=self.key.partition(".")[0])

    @property
    def reference(self) -> str:
        assert self.draft.reference
        return self.draft.reference

    @property
    def answers(self) -> dict[str, Any]:
        """By the names of items."""
        return self._by_name(opened(self.draft))

    @property
    def unfinished(self) -> dict[str, Any]:
        return self._by_name(opened_unfinished(self.draft))

    def _by_name(self, answers: Mapping[str, Any]) -> dict[str, Any]:
        fields = self.draft.version.engine.fields
        return {fields[key].definition.name: answer for key, answer in answers.items()}

    def url(self, place: str = "") -> str:
        return f"/apply/{self.code}/{place}/" if place else f"/apply/{self.code}/"

    def get(self, place: str = "") -> Response:
        return self.client.get(self.url(place))

    def post(self, place: str, data: Mapping[str, Any] | None = None) -> Response:
        return self.client.post(self.url(place), dict(data or {}))

    def fill(self, step: str, answers: Mapping[str, Any], **others: Any) -> Response:
        """Answers by name, and 「次へ進む」 unless `others` says `action=`."""
        return self.post(step, {"action": "next", "whole": "1", **boxes(self.engine, answers), **others})

    def declare(self) -> Response:
        return self.post("check", {"revision": self.draft.revision})

    def reaches_check(self) -> None:
        """Fills the whole form of STEPS."""
        self.fill("1", APPLICANT)
        self.fill("2", {"多胎": False, "表紙": [photo()]})
        self.fill("3", {"受取方法": "koukin"})
        assert self.get("check").status_code == 200


def leads_to(response: Response) -> str:
    """The last part of where a redirect leads: a step, "check", "done"; the form's code for its beginning."""
    assert response.status_code == 302, response.content.decode()[:3000]
    path: str = response.headers["Location"].partition("#")[0]
    return path.rstrip("/").rpartition("/")[2]


def text_of(response: Response) -> str:
    """What is written on the page."""
    main = response.content.decode().partition("<main")[2].partition("</main>")[0]
    return html.unescape(re.sub(r"\s+", " ", re.sub("<[^>]*>", " ", main)))


def errors_of(response: Response) -> list[str]:
    """The lines of the error summary."""
    summary = response.content.decode().partition('id="mg-errors"')[2].partition("</ul>")[0]
    return [html.unescape(line) for line in re.findall("<a [^>]*>(.*?)</a>", summary, re.DOTALL)]


def value_of(response: Response, box: str) -> str:
    """What stands in a text box of the page."""
    page: str = response.content.decode()
    found = re.search(rf'<input[^>]* name="{re.escape(box)}" value="([^"]*)"', page)
    assert found, f"no box {box}"
    return html.unescape(found.group(1))


def content_of(response: Response) -> bytes:
    """The whole of a file that is sent piece by piece; only then it is closed."""
    return b"".join(response.streaming_content)

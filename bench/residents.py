"""What residents do on the two sites. Each function of a site makes one client's task."""

from collections.abc import Mapping
from itertools import cycle

from bench.client import Answer, Line, Task, exchange
from bench.wire import FormChanged, PageForm, get, post

WISHES = (
    "窓口での手続きの方法について、事前に知りたいことがあります。よろしくお願いします。",
    "平日は仕事のため、夕方に連絡をいただけると助かります。よろしくお願いします。",
)
TEXTS = {
    "sei": "試験",
    "mei": "太郎",
    "sei_kana": "シケン",
    "mei_kana": "タロウ",
    "mail": "taro@example.jp",
    "tel": "025-000-0000",
    "postcode": "950-0000",
    "ward": "中央区",
    "contact": "電話",
    "wish": WISHES[0],
}
NEXT, DECLARE = {"action": "next"}, {"action": "declare"}  # the buttons that are pressed
CSRF, DRAFT = "csrftoken", "mg-twelve"  # cookies


def expect(answer: Answer, status: int, what: str, within: bytes = b"") -> Answer:
    if answer.status != status or within not in answer.body:
        text = answer.body.decode("utf-8", "replace")
        raise FormChanged(f"{what}: {answer.status} {answer.header('location')}, wanted {status}\n{text[:1500]}")
    return answer


class ReferenceForm:
    """The form of contrib.forms: one page, one POST, and the thank-you page is the answer to it."""

    FIELD, LANDING = b'name="agree"', b'id="landing"'

    def __init__(self, port: int, path: str) -> None:
        page = expect(exchange(port, get(port, path)), 200, "the reference form", self.FIELD)
        form = PageForm(page.body.decode())
        self._get = get(port, path, page.cookie(CSRF))
        answers = {**TEXTS, "birth": "1980-01-02", "agree": "on"}
        self._post = post(port, path, form.body(answers), page.cookie(CSRF))
        expect(exchange(port, self._post), 200, "the reference form, sent", self.LANDING)

    def look(self) -> Task:
        """The page with the form."""
        return lambda line: _shows(line, self._get, self.FIELD)

    def submit(self) -> Task:
        """The form, sent and stored."""
        return lambda line: _shows(line, self._post, self.LANDING)

    def visit(self) -> Task:
        """Every page of one application: 2 requests."""
        return lambda line: _shows(line, self._get, self.FIELD) and _shows(line, self._post, self.LANDING)


class OurForm:
    """Our form: the step, the check page, and the receipt, each POST answered by a redirect."""

    FIELD, FILLED, RECEIPT = b'name="f-agree"', 'value="試験"'.encode(), b"mg-receipt__number"

    def __init__(self, port: int, path: str) -> None:
        self.port = port
        self.step = expect(exchange(port, get(port, path)), 302, "our form's address").header("location")
        page = expect(exchange(port, get(port, self.step)), 200, "our step", self.FIELD)
        self.csrf = page.cookie(CSRF)
        form = PageForm(page.body.decode())
        self._posts = [post(port, self.step, form.body(our_answers(wish), NEXT), self.csrf) for wish in WISHES]
        sent = expect(exchange(port, self._posts[0]), 302, "our step, sent")
        self.check = sent.header("location")
        shown = expect(exchange(port, get(port, self.check, self.csrf, sent.cookie(DRAFT))), 200, "our check page")
        self._declaration = PageForm(shown.body.decode()).body({}, DECLARE)
        done = expect(exchange(port, self._declare(sent.cookie(DRAFT))), 302, "our declaration")
        self.done = done.header("location")
        receipt = exchange(port, get(port, self.done, self.csrf, sent.cookie(DRAFT)))
        expect(receipt, 200, "our receipt", self.RECEIPT)

    def _declare(self, draft: str) -> bytes:
        return post(self.port, self.check, self._declaration, self.csrf, draft)

    def look(self) -> Task:
        """The page of the step, nothing answered yet."""
        request = get(self.port, self.step, self.csrf)
        return lambda line: _shows(line, request, self.FIELD)

    def look_again(self) -> Task:
        """The page of the step with everything that the client's draft holds."""
        request = get(self.port, self.step, self.csrf, self._begun(self._posts[0]))
        return lambda line: _shows(line, request, self.FILLED)

    def begin(self) -> Task:
        """The step, sent for the first time: a new draft."""
        return lambda line: self._begins(line) != ""

    def change(self) -> Task:
        """The step, sent again with another answer: the client's draft, changed."""
        form, draft = PageForm(self._page()), self._begun(self._posts[1])
        requests = cycle(
            [post(self.port, self.step, form.body(our_answers(wish), NEXT), self.csrf, draft) for wish in WISHES]
        )
        return lambda line: leads(line, next(requests), self.check)

    def submit(self) -> Task:
        """One application received, by the two POSTs it takes: step, declaration."""

        def run(line: Line) -> bool:
            draft = self._begins(line)
            return draft != "" and leads(line, self._declare(draft), self.done)

        return run

    def visit(self) -> Task:
        """Every page of one application: 5 requests."""
        look = get(self.port, self.step, self.csrf)

        def run(line: Line) -> bool:
            if not _shows(line, look, self.FIELD) or not (draft := self._begins(line)):
                return False
            return (
                _shows(line, get(self.port, self.check, self.csrf, draft), "試験".encode())
                and leads(line, self._declare(draft), self.done)
                and _shows(line, get(self.port, self.done, self.csrf, draft), self.RECEIPT)
            )

        return run

    def _page(self) -> str:
        return exchange(self.port, get(self.port, self.step, self.csrf)).body.decode()

    def _begun(self, request: bytes) -> str:
        """The cookie of a new draft."""
        return expect(exchange(self.port, request), 302, "our step, sent").cookie(DRAFT)

    def _begins(self, line: Line) -> str:
        """The cookie of the draft that the step's POST began; "" when it did not."""
        answer = line.say(self._posts[0])
        return answer.cookie(DRAFT) if answer.status == 302 and answer.header("location") == self.check else ""


def our_answers(wish: str) -> Mapping[str, str]:
    """Box name -> what is typed."""
    boxes = {**TEXTS, "wish": wish, "agree": "yes"}
    boxes |= {"birth-era": "西暦", "birth-year": "1980", "birth-month": "1", "birth-day": "2"}
    return {f"f-{name}": text for name, text in boxes.items()}


def _shows(line: Line, request: bytes, within: bytes) -> bool:
    answer = line.say(request)
    return answer.status == 200 and within in answer.body


def leads(line: Line, request: bytes, place: str) -> bool:
    answer = line.say(request)
    return answer.status == 302 and answer.header("location") == place

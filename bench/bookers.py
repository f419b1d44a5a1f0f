"""What residents do who book a place on our site."""

import re
from itertools import cycle

from bench.client import Line, Task, exchange
from bench.residents import CSRF, NEXT, expect, leads
from bench.wire import FormChanged, PageForm, get, post

SLOT = re.compile(r'name="slot" value="([0-9]+)"')


class OurHall:
    """The form with a reservation: a step with the name, and the page of the slots."""

    DRAFT = "mg-hall"  # cookie

    def __init__(self, port: int, path: str) -> None:
        self.port = port
        step = expect(exchange(port, get(port, path)), 302, "our hall's address").header("location")
        page = expect(exchange(port, get(port, step)), 200, "the hall's step", b'name="f-name"')
        self.csrf = page.cookie(CSRF)
        self._begin = post(port, step, PageForm(page.body.decode()).body({"f-name": "試験 太郎"}, NEXT), self.csrf)
        sent = expect(exchange(port, self._begin), 302, "the hall's step, sent")
        self.check = sent.header("location")
        asked = expect(exchange(port, get(port, self.check, self.csrf, sent.cookie(self.DRAFT))), 302, "the gate")
        self.pick = asked.header("location")
        shown = exchange(port, get(port, self.pick, self.csrf, sent.cookie(self.DRAFT)))
        html = expect(shown, 200, "the page of the slots", b'name="slot"').body.decode()
        self.slots = list(dict.fromkeys(SLOT.findall(html)))
        self._hidden = PageForm(html).hidden

    def book(self, slots: int) -> Task:
        """A draft begun and its place held, by the two POSTs it takes. slots: among how many the places are."""
        if len(self.slots) < slots:
            raise FormChanged(f"{slots} slots wanted, {len(self.slots)} are offered")
        hidden = {name: value for name, value in self._hidden.items() if name != "key"}
        chosen = cycle(self.slots[:slots])

        def run(line: Line) -> bool:
            answer = line.say(self._begin)
            draft = answer.cookie(self.DRAFT)
            if answer.status != 302 or not draft:
                return False
            body = "&".join(f"{name}={value}" for name, value in {**hidden, "slot": next(chosen)}.items())
            request = post(self.port, self.pick, (body.encode(), "application/x-www-form-urlencoded"), self.csrf, draft)
            return leads(line, request, self.check)

        return run

"""An IMAP server (RFC 3501) with one mailbox, as much of it as is asked for."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Mailbox:
    """mails: number -> what lies there; login: what is let in; withheld: kept back; heard: the commands."""

    mails: dict[int, bytes] = field(default_factory=dict)
    login: tuple[str, str] = ("bounce@city", "se/cret")
    folder: str = "INBOX"
    port: int = 0
    doomed: set[int] = field(default_factory=set)
    withheld: set[int] = field(default_factory=set)
    heard: list[str] = field(default_factory=list)


class _Session(socketserver.StreamRequestHandler):
    box: Mailbox

    def handle(self) -> None:
        self._say("* OK ready")
        while line := self.rfile.readline():
            tag, _, command = line.decode().strip().partition(" ")
            answer = self._answer(command)
            self._say(f"{tag} {answer}")
            if command.upper() == "LOGOUT":
                return

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def _answer(self, command: str) -> str:
        box = self.box
        box.heard.append(command)
        words = command.replace('"', "").split(" ")
        match [word.upper() for word in words[:2]]:
            case ["CAPABILITY"]:
                self._say("* CAPABILITY IMAP4rev1")
            case ["LOGIN", *_] if (words[1], words[2]) != box.login:
                return "NO who are you"
            case ["SELECT", *_] if words[1] != box.folder:
                return "NO such folder"
            case ["SELECT", *_]:
                self._say(f"* {len(box.mails)} EXISTS")
            case ["UID", "SEARCH"]:
                self._say("* SEARCH " + " ".join(map(str, box.mails)))
            case ["UID", "FETCH"]:
                return self._hand_over(int(words[2]))
            case ["UID", "STORE"]:
                box.doomed.add(int(words[2]))
            case ["EXPUNGE"]:
                box.mails = {number: raw for number, raw in box.mails.items() if number not in box.doomed}
            case ["LOGOUT"]:
                self._say("* BYE")
        return "OK done"

    def _hand_over(self, number: int) -> str:
        if number in self.box.withheld:
            return "NO the store is busy"
        raw = self.box.mails[number]
        self.wfile.write(b"* 1 FETCH (UID %d BODY[]<0> {%d}\r\n%s)\r\n" % (number, len(raw), raw))
        return "OK done"


@contextmanager
def serving(box: Mailbox) -> Iterator[Mailbox]:
    handler: Any = type("Session", (_Session,), {"box": box})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        box.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield box
        server.shutdown()
        thread.join()

"""Mails that came back, from a mailbox at a provider (IMAP): for who runs no mail server. The only user of imaplib."""

import imaplib
import ssl
from ipaddress import ip_address
from urllib.parse import SplitResult, unquote, urlsplit

from django.conf import settings

from outreach.bounces import BATCH, LARGEST, take

TIMEOUT = 20  # seconds


def read_mailbox(address: str = "") -> int:
    """Take every mail of the mailbox, and remove it; how many. For the worker, in any number.

    address: imaps://user:password@host/folder, else that of the settings. imap:// has to offer TLS unless it is this
    machine. Raises OSError, imaplib.IMAP4.error.
    """
    url = urlsplit(address or settings.BOUNCE_IMAP)
    if not url.hostname:
        return 0
    with _connected(url) as box:  # and signs off, whatever happens
        _enter(box, url)
        return _emptied(box)


def _connected(url: SplitResult) -> imaplib.IMAP4:
    host = url.hostname or ""
    if url.scheme == "imaps":  # imaplib's own context takes any certificate
        return imaplib.IMAP4_SSL(host, url.port or 993, ssl_context=ssl.create_default_context(), timeout=TIMEOUT)
    return imaplib.IMAP4(host, url.port or 143, timeout=TIMEOUT)


def _enter(box: imaplib.IMAP4, url: SplitResult) -> None:
    if url.scheme != "imaps":
        if "STARTTLS" in box.capabilities:
            box.starttls(ssl.create_default_context())
        elif not _is_this_machine(url.hostname or ""):
            raise imaplib.IMAP4.error("without TLS the password would be read on the way: imaps://…")
    box.login(unquote(url.username or ""), unquote(url.password or ""))
    folder = unquote(url.path.strip("/")) or "INBOX"
    said, _ = box.select(f'"{folder}"')
    if said != "OK":
        raise imaplib.IMAP4.error("there is no such folder")


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _emptied(box: imaplib.IMAP4) -> int:
    _, found = box.uid("SEARCH", "ALL")
    numbers = [number.decode() for number in (found[0] or b"").split()][:BATCH]
    count = 0
    for number in numbers:
        said, parts = box.uid("FETCH", number, f"(BODY.PEEK[]<0.{LARGEST}>)")
        raw = next((bytes(part[1]) for part in parts if isinstance(part, tuple)), b"")
        if said != "OK" or not raw:  # not handed over now, or another worker was first: it stays for the next time
            continue
        take(raw)
        box.uid("STORE", number, "+FLAGS.SILENT", r"(\Deleted)")
        count += 1
    if count:
        box.expunge()
    return count

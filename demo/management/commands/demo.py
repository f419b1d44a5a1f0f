"""`make demo`: the sample municipality, served with its background worker by one command."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from demo import provider
from demo.load import demo_password, is_loaded, load
from demo.sample_city import ACCOUNTS

READY_WITHIN = 60  # seconds


class Command(BaseCommand):
    help = "Prepares the sample municipality and serves it with a background worker; Ctrl-C ends both."

    def handle(self, *args: Any, **options: Any) -> None:
        self._prepare()
        port = settings.PORT
        connection.close()  # the children open their own
        bind = ["--bind", f"127.0.0.1:{port}", "--no-control-socket"]  # its path is the same for every gunicorn
        size = ["--workers", "2", "--threads", "4", "--timeout", "300", "--preload", "--log-level", "warning"]
        beside = list(provider.start(port + 1))
        surroundings = {**os.environ}
        for standin in beside:
            surroundings |= standin.connected
        children = [
            subprocess.Popen(
                [sys.executable, "-m", "gunicorn", "config.wsgi:application", *bind, *size], env=surroundings
            ),
            subprocess.Popen([sys.executable, "manage.py", "work"], cwd=settings.BASE_DIR, env=surroundings),
        ]
        stop = _Stop()
        try:
            self._wait_until_ready(port, children)
            self._tell(port, [standin.line for standin in beside])
            while not stop.asked and all(child.poll() is None for child in children):
                time.sleep(0.5)
        finally:
            _end(children)
            for standin in beside:
                standin.server.stop()
        if not stop.asked:
            raise CommandError("サーバーが止まりました。上のメッセージを確かめてください。")

    def _prepare(self) -> None:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            self.stdout.write("データベースを準備しています…")
            call_command("migrate", verbosity=0)
        if settings.STATIC_MANIFEST and _static_is_old():
            self.stdout.write("画面の部品を準備しています…")
            call_command("collectstatic", interactive=False, verbosity=0)
        if not is_loaded():
            self.stdout.write(f"見本の自治体「{settings.WAGTAIL_SITE_NAME}」を作っています…")
            load()

    def _wait_until_ready(self, port: int, children: list[subprocess.Popen[bytes]]) -> None:
        until = time.monotonic() + READY_WITHIN
        while time.monotonic() < until:
            if any(child.poll() is not None for child in children):
                raise CommandError(
                    f"起動できませんでした。ポート {port} が使われていないか確かめ、PORT= で変えてください。"
                )
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        raise CommandError(f"{READY_WITHIN}秒たっても応答がありません。")

    def _tell(self, port: int, beside: list[str]) -> None:
        base = f"http://127.0.0.1:{port}"
        accounts = "\n".join(f"    {account.username:<10} {account.title}" for account in ACCOUNTS)
        others = "".join(f"  {line}\n" for line in beside)
        self.stdout.write(
            f"\n  市民の画面   {base}/\n"
            f"  申請フォーム {base}/apply/smile-gift/ 、本人確認と支払いのある {base}/apply/juminhyo/ 、\n"
            f"               予約と支払いのある {base}/apply/ogata-gomi/ 、\n"
            f"               書類と顔でも本人確認ができる {base}/apply/riyo-card/\n"
            f"  職員の画面   {base}/admin/\n"
            f"  送ったメール {base}/admin/messages/ （確認コードやリンクは、ここで読めます）\n"
            f"{others}\n"
            f"  職員のアカウント（パスワードはどれも {demo_password()} ）\n{accounts}\n\n"
            "  止めるには Ctrl-C を押してください。はじめからやり直すには make demo-reset です。\n"
        )
        self.stdout.flush()


class _Stop:
    """Whether the operator asked to stop."""

    def __init__(self) -> None:
        self.asked = False
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._ask)

    def _ask(self, *_: object) -> None:
        self.asked = True


def _end(children: list[subprocess.Popen[bytes]]) -> None:
    for child in children:
        if child.poll() is None:
            child.terminate()
    for child in children:
        try:
            child.wait(timeout=10)
        except subprocess.TimeoutExpired:
            child.kill()


def _static_is_old() -> bool:
    """Whether a static file of ours, or the pinned requirements, changed since they were last collected."""
    manifest = settings.STATIC_ROOT / "staticfiles.json"
    if not manifest.exists():
        return True
    made = manifest.stat().st_mtime
    sources = [*settings.BASE_DIR.glob("*/static/**/*"), settings.BASE_DIR / "requirements" / "base.txt"]
    return any(path.stat().st_mtime > made for path in sources)

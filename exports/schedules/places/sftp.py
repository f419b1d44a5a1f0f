"""A server of SFTP, whose host key was given beforehand: any other server is refused."""

import asyncio
import socket
from collections.abc import Mapping
from typing import Any

import asyncssh

from exports.outgoing import CONNECT, TRIES, NoAnswer, NotAllowed, addresses_of
from exports.schedules.places import Parcel, Undelivered

PIECE = 256 * 1024
SECONDS = 900.0  # for one file


def host_key_of(text: str) -> asyncssh.SSHKey:
    """`ssh-ed25519 AAAA…`, as known_hosts has it behind the name. Raises ValueError."""
    try:
        return asyncssh.import_public_key(text.strip())
    except asyncssh.KeyImportError:
        raise ValueError(text) from None


def login_of(secret: str) -> dict[str, Any]:
    """A password, or a private key without one. Raises ValueError."""
    if "PRIVATE KEY-----" not in secret:
        return {"password": secret, "client_keys": None}
    try:
        return {"client_keys": [asyncssh.import_private_key(secret)]}
    except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError):
        raise ValueError("private key") from None


def put(where: Mapping[str, str], secret: str, parcel: Parcel) -> None:
    try:
        line = _connected(where["host"], int(where["port"]))
        asyncio.run(asyncio.wait_for(_put(line, where, secret, parcel), SECONDS))
    except NotAllowed as refused:
        raise Undelivered(refused.message) from None
    except NoAnswer as refused:
        raise Undelivered(f"SFTPのサーバーに接続できません（{refused.kind}）。") from None
    except asyncssh.HostKeyNotVerifiable:
        raise Undelivered("SFTPのサーバーのホスト鍵が、登録したものと違います。送らずに中止しました。") from None
    except asyncssh.PermissionDenied:
        raise Undelivered("SFTPのサーバーにログインできません。利用者名とパスワード・鍵を確かめてください。") from None
    except asyncssh.SFTPError:
        raise Undelivered("SFTPのサーバーに書き込めません。フォルダと権限を確かめてください。") from None
    except (asyncssh.Error, OSError, TimeoutError, ValueError):
        raise Undelivered("SFTPで送れません。サーバーの状態を確かめてください。") from None


def _connected(host: str, port: int) -> socket.socket:
    """To an address that was checked. Raises NotAllowed, NoAnswer."""
    for address in addresses_of(host, port)[:TRIES]:
        try:
            return socket.create_connection((address, port), timeout=CONNECT)
        except OSError:
            continue
    raise NoAnswer("応答がありません")


async def _put(line: socket.socket, where: Mapping[str, str], secret: str, parcel: Parcel) -> None:
    line.setblocking(False)
    known: Any = ([host_key_of(where["host_key"])], [], [])
    # nothing of this machine's own: neither its configuration nor its keys
    plain: dict[str, Any] = {"config": [], "agent_path": None, "gss_host": None, "known_hosts": known}
    login = {"username": where["user"], "login_timeout": 30, "keepalive_interval": 30, **login_of(secret)}
    async with (
        asyncssh.connect(where["host"], int(where["port"]), sock=line, **plain, **login) as connection,
        connection.start_sftp_client() as there,
    ):
        folder = where["path"].rstrip("/") or "."
        draft, name = f"{folder}/.{parcel.name}.part", f"{folder}/{parcel.name}"
        async with there.open(draft, "wb") as file:
            while piece := parcel.content.read(PIECE):
                await file.write(piece)
        try:
            await there.posix_rename(draft, name)
        except asyncssh.SFTPOpUnsupported:  # an old server renames only to what is not there yet
            if await there.exists(name):
                await there.remove(name)
            await there.rename(draft, name)

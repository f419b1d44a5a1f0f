"""A bucket of S3, or of what speaks its protocol: one PUT, signed as AWS Signature Version 4 says."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit

from exports.outgoing import NoAnswer, NotAllowed, send
from exports.schedules.places import Parcel, Undelivered

SECONDS = 900.0  # for one file


def put(where: Mapping[str, str], secret: str, parcel: Parcel) -> None:
    key = "/".join(part for part in (where["folder"].strip("/"), parcel.name) if part)
    url = f"{where['endpoint'].rstrip('/')}/{quote(where['bucket'])}/{quote(key)}"
    moment = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    headers = {"host": host_of(url), "x-amz-content-sha256": parcel.sha256, "x-amz-date": moment}
    login = (where["access_key"], secret)
    headers["Authorization"] = authorization("PUT", urlsplit(url).path, headers, where["region"], login)
    headers["Content-Length"] = str(parcel.size)
    try:
        answer = send("PUT", url, parcel.content, headers, deadline=SECONDS)
    except NotAllowed as refused:
        raise Undelivered(refused.message) from None
    except NoAnswer as refused:
        raise Undelivered(f"ストレージに接続できません（{refused.kind}）。") from None
    if answer.status == 403:
        raise Undelivered("ストレージに書き込む権限がありません。アクセスキーとバケットを確かめてください。")
    if not 200 <= answer.status < 300:
        raise Undelivered(f"ストレージが受け取りませんでした（HTTP {answer.status}）。")


def host_of(url: str) -> str:
    """As http.client writes it: without the usual port."""
    parts = urlsplit(url)
    usual = {"https": 443, "http": 80}[parts.scheme]
    return parts.hostname or "" if parts.port in (None, usual) else f"{parts.hostname}:{parts.port}"


def authorization(method: str, path: str, headers: Mapping[str, str], region: str, login: tuple[str, str]) -> str:
    """Signs these headers, whose names are in lower case. path: quoted already; login: access key and secret."""
    moment, digest = headers["x-amz-date"], headers["x-amz-content-sha256"]
    names = ";".join(sorted(headers))
    lines = "".join(f"{name}:{headers[name].strip()}\n" for name in sorted(headers))
    request = "\n".join([method, path, "", lines, names, digest])
    scope = f"{moment[:8]}/{region}/s3/aws4_request"
    text = "\n".join(["AWS4-HMAC-SHA256", moment, scope, hashlib.sha256(request.encode()).hexdigest()])
    key = f"AWS4{login[1]}".encode()
    for part in (moment[:8], region, "s3", "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    return f"AWS4-HMAC-SHA256 Credential={login[0]}/{scope},SignedHeaders={names},Signature={signature}"

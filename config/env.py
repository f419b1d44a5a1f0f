"""Reads settings from environment variables; `X_FILE` names a file that holds the value of `X`."""

import os
import secrets
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit


class EnvironmentProblem(Exception):
    """An environment variable has a value that cannot be used."""


def env(name: str, default: str = "") -> str:
    """The variable, or the contents of the file that `<name>_FILE` points at, or the default."""
    if path := os.environ.get(f"{name}_FILE"):
        return Path(path).read_text(encoding="utf-8").strip()
    return os.environ.get(name, default)


def env_bool(name: str, default: bool) -> bool:
    value = env(name).strip().lower()
    if not value:
        return default
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise EnvironmentProblem(f"{name} must be true or false, not {value!r}")


def env_int(name: str, default: int) -> int:
    value = env(name).strip()
    try:
        return int(value) if value else default
    except ValueError:
        raise EnvironmentProblem(f"{name} must be a whole number, not {value!r}") from None


def env_list(name: str, default: str = "") -> list[str]:
    return [item.strip() for item in env(name, default).split(",") if item.strip()]


def env_networks(name: str) -> list[str]:
    """Networks in CIDR, comma separated."""
    try:
        return [str(ip_network(each, strict=False)) for each in env_list(name)]
    except ValueError as problem:
        raise EnvironmentProblem(f"{name}: {problem}") from None


def secret(name: str, directory: Path, length: int = 48) -> str:
    """The variable; without it, a secret made once and kept in `directory`, readable by its owner only."""
    if value := env(name):
        return value
    path = directory / name.lower()
    if not path.exists():
        directory.mkdir(parents=True, exist_ok=True)
        draft = directory / f".{name.lower()}.{os.getpid()}"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(length))
        try:
            os.link(draft, path)  # atomic: of two processes that start together, one wins
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text(encoding="ascii").strip()


def database(url: str, default_path: Path) -> dict[str, Any]:
    """Django's DATABASES entry for `postgres://user:password@host:port/name?option=…` or `sqlite:///path`."""
    parts = urlsplit(url or f"sqlite:///{default_path}")
    if parts.scheme in {"sqlite", "sqlite3"}:
        return _sqlite(unquote(parts.path[1:]) or str(default_path))
    if parts.scheme in {"postgres", "postgresql"}:
        options: dict[str, Any] = dict(parse_qsl(parts.query))
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path[1:]),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": options.pop("host", parts.hostname or ""),
            "PORT": str(parts.port or ""),
            "CONN_MAX_AGE": env_int("MADOGUCHI_CONN_MAX_AGE", 60),
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": options,
        }
    raise EnvironmentProblem(f"DATABASE_URL must begin with postgres:// or sqlite:///, not {parts.scheme!r}")


def _sqlite(path: str) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "CONN_MAX_AGE": env_int("MADOGUCHI_CONN_MAX_AGE", 60),
        "OPTIONS": {
            "timeout": 20,
            # a write transaction takes the write lock at its start, so it waits instead of failing half-way
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-16000;",
        },
    }

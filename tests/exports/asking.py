"""Asks the API as a department's system does."""

import json
from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from applications.api import Scope
from applications.models import Application
from cms.models import Department
from exports.api.auth import digest_of, new_secret
from exports.api.models import ApiToken
from exports.api.standing import standing
from staff.models import User


def make_token(department: Department, user: User, *scopes: Scope, **more: Any) -> str:
    """The secret of a new token; without scopes, of one that may do everything."""
    secret = new_secret()
    ApiToken.objects.create(
        name="基幹システム",
        department=department,
        user=user,
        digest=digest_of(secret),
        beginning=secret[:8],
        scopes=list(scopes or Scope),
        **{"expires_at": timezone.now() + timedelta(days=1), **more},
    )
    return secret


def ask(secret: str, path: str, **query: Any) -> Any:
    """The response; `.json()` has what it says."""
    return Client().get(f"/api/v1{path}", query, headers={"Authorization": f"Bearer {secret}"})


def tell(secret: str, path: str, body: Any, key: str = "key-00000001", seen: str = "") -> Any:
    """seen: the ETag of what was read before; without one, of how it is now."""
    match = seen or standing(Application.objects.get(reference=path.split("/")[2]))
    sent = {"Authorization": f"Bearer {secret}", "Idempotency-Key": key, "If-Match": match}
    data = body if isinstance(body, str) else json.dumps(body)
    return Client().post(f"/api/v1{path}", data, content_type="application/json", headers=sent)

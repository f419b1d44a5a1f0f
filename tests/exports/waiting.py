"""Files that are made in the background, asked for and taken as a department does."""

from typing import Any

from django.test import Client
from django.urls import reverse

from exports.jobs import run_due
from exports.models import ExportJob


def ask_for(client: Client, format_: str, query: str = "", **more: str) -> ExportJob:
    """The job, still waiting."""
    data = {"format": format_, "later": "on", **more}
    response = client.post(f"{reverse('exports:new')}{query}", data)
    assert response.status_code == 302, response.content.decode()
    return ExportJob.objects.latest("pk")


def make(client: Client, format_: str, query: str = "", **more: str) -> ExportJob:
    """The job after a worker has made its file."""
    job = ask_for(client, format_, query, **more)
    assert run_due() == 1
    job.refresh_from_db()
    return job


def receive(client: Client, job: ExportJob) -> Any:
    return client.post(reverse("exports:job_file", args=[job.public_id]))


def received(client: Client, job: ExportJob) -> bytes:
    response = receive(client, job)
    assert response.status_code == 200, response.content
    return b"".join(response.streaming_content)

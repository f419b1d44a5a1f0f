"""The ETag of an application: another one after every change of its answers or its status, by whomever."""

from django.db.models import Max

from applications.models import Application, Event


def standing(application: Application) -> str:
    last = Event.objects.filter(application=application).exclude(after="").aggregate(last=Max("pk"))["last"]
    return f'"{application.revision}-{last or 0}"'

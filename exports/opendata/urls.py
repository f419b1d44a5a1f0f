"""Below /opendata/."""

from django.urls import path

from exports.opendata.views import file, listed

app_name = "opendata"
urlpatterns = [
    path("", listed, name="list"),
    path("<slug:name>.<slug:ending>", file, name="file"),
]

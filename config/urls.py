"""Where every address leads. The resident's path (/apply/) asks neither Wagtail's page tree nor its sites."""

from django.conf import settings
from django.http import HttpResponse
from django.urls import include, path, re_path
from django.views.generic import RedirectView
from django.views.static import serve
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls

from applications.views.linking import short_link
from cms import languages
from cms.views import accessibility
from exports.api.main import api, unknown

handler500 = "cms.errors.server_error"

urlpatterns = [
    path("healthz", lambda request: HttpResponse("ok", content_type="text/plain"), name="healthz"),
    path("language/", languages.choose, name="language"),
    path("accessibility/", accessibility, name="accessibility"),
    path("", include("identity.urls")),
    path("", include("reservations.waiting.urls")),
    path("", include("reservations.resident.urls")),
    path("", include("payments.urls")),
    path("", include("followup.urls")),
    path("apply/", include("applications.urls")),
    path("f/<slug:code>/", short_link, name="short-link"),
    path("api/v1/", api.urls),
    path("api/<path:rest>", unknown),
    path("opendata/", include("exports.opendata.urls")),
    path("admin/", include("entrance.urls")),
    path("admin/", include(wagtailadmin_urls)),
    path("documents/", include(wagtaildocs_urls)),
    re_path(r"^media/(?P<path>.*)$", serve, {"document_root": settings.MEDIA_ROOT}),
    # Wagtail's second way in knows neither our limits nor the second factor
    path("_util/login/", RedirectView.as_view(pattern_name="account_login", query_string=True)),
    path("", include(wagtail_urls)),
]

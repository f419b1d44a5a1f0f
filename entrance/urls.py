"""Below /admin/, before Wagtail's own addresses."""

from allauth.account.views import reauthenticate
from django.urls import include, path

from entrance import views

urlpatterns = [
    path("login/", views.LoginView.as_view(), name="account_login"),
    path("second-factor/password/", reauthenticate, name="account_reauthenticate"),
    path("second-factor/totp/activate/", views.ActivateView.as_view(), name="mfa_activate_totp"),
    path("second-factor/reset/<int:user_id>/", views.reset, name="second_factor_reset"),
    path("second-factor/", include("allauth.mfa.urls")),
]

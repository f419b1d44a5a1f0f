"""Waiting and lotteries as residents see them. Below a form's own address the browser sends the draft's key."""

from django.urls import path
from django.views.decorators.cache import cache_control

from reservations.lottery import views as lottery
from reservations.waiting import views

# one resident's pages: no proxy may keep them
own = cache_control(private=True, no_cache=True)

urlpatterns = [
    path("apply/<slug:code>/reservation/waiting/", own(views.register), name="reservation-wait"),
    path("apply/<slug:code>/reservation/waiting/<str:token>/", own(views.resume), name="reservation-resume"),
    path("apply/<slug:code>/reservation/lottery/", own(lottery.wish), name="reservation-lottery"),
    path("reservation/<str:token>/waiting/", own(views.mine), name="reservation-waiting"),
    path("lottery/<int:pk>/", lottery.public, name="lottery"),
]

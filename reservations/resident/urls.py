"""Before the addresses of `applications`: a form's own address is where alone the browser sends the draft's key."""

from django.urls import path
from django.views.decorators.cache import cache_control

from reservations.resident import booked, picking

# one resident's pages: no proxy may keep them
own = cache_control(private=True, no_cache=True)

urlpatterns = [
    path("apply/<slug:code>/reservation/", own(picking.pick), name="apply-reservation"),
    path("reservation/<str:token>/", own(booked.show), name="reservation"),
    path("reservation/<str:token>/change/", own(booked.change), name="reservation-change"),
    path("reservation/<str:token>/cancel/", own(booked.cancel), name="reservation-cancel"),
    path("reservation/<str:token>/calendar.ics", own(booked.download), name="reservation-calendar"),
]

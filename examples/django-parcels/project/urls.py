"""Where each view is."""

from django.urls import path

from parcels import views

urlpatterns = [
    path("", views.index),
    path("parcels", views.parcels),
    path("healthz", views.health),
]

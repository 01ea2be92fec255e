"""Addresses of the exchange pages."""

from django.urls import path

from huitong.planes.tables import views

app_name = "tables"
urlpatterns = [
    path("exchange/", views.exchanges, name="exchanges"),
    path("exchange/<int:grant>/", views.exchange, name="exchange"),
    path("exchange/<int:grant>/run/", views.run_now, name="run_now"),
    path("exchange/<int:grant>/pause/", views.pause, name="pause"),
    path("exchange/<int:grant>/resume/", views.resume, name="resume"),
    path("exchange/runs/<int:pk>/", views.run, name="run"),
    path("exchange/runs/<int:pk>/progress/", views.progress, name="progress"),
]

"""Parcels come in, and are listed."""

import os

from django.db import connection
from django.http import HttpResponseBadRequest, JsonResponse
from django.views.decorators.http import require_GET, require_http_methods

from parcels import queue
from parcels.models import Parcel, Report


@require_GET
def index(_request):
    return JsonResponse(
        {
            "greeting": os.environ.get("GREETING", "django-parcels"),
            "packed": Parcel.objects.filter(packed=True).count(),
            "waiting": Parcel.objects.filter(packed=False).count(),
            "reports": Report.objects.count(),
        }
    )


@require_http_methods(["GET", "POST"])
def parcels(request):
    if request.method == "GET":
        return JsonResponse({"parcels": list(Parcel.objects.values("id", "contents", "packed"))})
    contents = request.body.decode(errors="replace").strip()
    if not 1 <= len(contents) <= 200:
        return HttpResponseBadRequest("a parcel's contents are 1 to 200 characters\n")
    made = Parcel.objects.create(contents=contents)
    queue.put(made.pk)
    return JsonResponse({"id": made.pk}, status=201)


@require_GET
def health(_request):
    """Healthy means that the database and Redis answer."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    queue.store.ping()
    return JsonResponse({"status": "ok"})

"""One page with all questions, and votes."""

from django.db import connection
from django.db.models import F
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from polls.models import Choice, Question


@require_GET
def index(request):
    questions = Question.objects.prefetch_related("choices")[:20]
    return render(request, "polls/index.html", {"questions": questions})


@require_POST
def vote(request, question_id):
    choices = Choice.objects.filter(question_id=question_id)
    number = request.POST.get("choice", "")
    choice = get_object_or_404(choices, pk=number if number.isdecimal() else 0)
    choices.filter(pk=choice.pk).update(votes=F("votes") + 1)
    return redirect("index")


@require_GET
def health(_request):
    """Healthy means that the database answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})

"""A first question, so that the page is not empty."""

from django.db import migrations


def ask(apps, _schema_editor):
    question = apps.get_model("polls", "Question").objects.create(text="Which stack is next?")
    choice = apps.get_model("polls", "Choice")
    for text in ("Django", "Flask", "Express", "Go"):
        choice.objects.create(question=question, text=text)


class Migration(migrations.Migration):
    dependencies = [("polls", "0001_initial")]
    operations = [migrations.RunPython(ask, migrations.RunPython.noop)]

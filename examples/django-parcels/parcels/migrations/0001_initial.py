"""The first tables."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel(
            name="Parcel",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("contents", models.CharField(max_length=200)),
                ("packed", models.BooleanField(default=False)),
            ],
            options={"ordering": ["id"]},
        ),
        migrations.CreateModel(
            name="Report",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("made", models.DateTimeField(auto_now_add=True)),
                ("packed", models.PositiveIntegerField()),
                ("waiting", models.PositiveIntegerField()),
            ],
        ),
    ]

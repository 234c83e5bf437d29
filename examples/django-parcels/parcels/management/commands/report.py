"""The job: counts the parcels."""

from django.core.management.base import BaseCommand

from parcels.models import Parcel, Report


class Command(BaseCommand):
    help = "Count the parcels."

    def handle(self, *_arguments, **_options):
        count = Parcel.objects.filter
        made = Report.objects.create(
            packed=count(packed=True).count(), waiting=count(packed=False).count()
        )
        self.stdout.write(f"{made.packed} packed, {made.waiting} waiting")

"""The worker: packs what waits."""

from django.core.management.base import BaseCommand

from parcels import queue
from parcels.models import Parcel


class Command(BaseCommand):
    help = "Pack what waits, until it is stopped."

    def handle(self, *_arguments, **_options):
        self.stdout.write("packing")
        while True:
            number = queue.take(seconds=5)
            if number and Parcel.objects.filter(pk=number).update(packed=True):
                self.stdout.write(f"packed {number}")

"""Run with `python manage.py test`; a Redis has to be there."""

from django.core.management import call_command
from django.test import TestCase

from parcels import queue
from parcels.models import Report


class ParcelTest(TestCase):
    def test_a_parcel_waits_to_be_packed(self):
        queue.store.delete(queue.NAME)
        made = self.client.post("/parcels", "tea", content_type="text/plain").json()
        self.assertEqual(queue.take(seconds=1), made["id"])
        self.assertEqual(self.client.get("/").json()["waiting"], 1)

    def test_what_is_no_parcel_is_refused(self):
        for contents in ("", " ", "x" * 201):
            said = self.client.post("/parcels", contents, content_type="text/plain")
            self.assertEqual(said.status_code, 400)

    def test_the_report_counts(self):
        call_command("report")
        self.assertEqual(Report.objects.get().waiting, 0)

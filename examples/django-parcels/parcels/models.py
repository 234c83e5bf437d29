"""Parcels, and what was counted of them."""

from django.db import models


class Parcel(models.Model):
    contents = models.CharField(max_length=200)
    packed = models.BooleanField(default=False)

    class Meta:
        ordering = ["id"]


class Report(models.Model):
    made = models.DateTimeField(auto_now_add=True)
    packed = models.PositiveIntegerField()
    waiting = models.PositiveIntegerField()

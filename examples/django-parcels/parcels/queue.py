"""What waits to be packed, in Redis."""

import redis
from django.conf import settings

store = redis.Redis.from_url(settings.REDIS_URL, decode_responses=True)
NAME = "to-pack"


def put(number):
    """Have a parcel packed."""
    store.rpush(NAME, number)


def take(seconds):
    """The next parcel's number; None where none comes in time."""
    found = store.blpop(NAME, timeout=seconds)
    return int(found[1]) if found else None

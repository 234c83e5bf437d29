#!/usr/bin/python3
"""Requests through nginx until SIGTERM; then says how many of each release, and what failed."""

import collections
import http.client
import json
import signal
import sys
import threading

AT_ONCE = 4
ends = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: ends.set())
answered, failed = collections.Counter(), []


def ask(path):
    connection = http.client.HTTPConnection("127.0.0.1", timeout=60)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        said = answer.read()
        if answer.status != 200:
            failed.append(f"status {answer.status}")
        else:
            answered[json.loads(said)["release"]] += 1
    except (OSError, http.client.HTTPException) as error:
        failed.append(repr(error))
    finally:
        connection.close()


def again_and_again():
    while not ends.is_set():
        ask("/")


threads = [threading.Thread(target=again_and_again) for _ in range(AT_ONCE)]
for one in threads:
    one.start()
for one in threads:
    one.join()
json.dump({"answered": answered, "failed": failed}, sys.stdout)

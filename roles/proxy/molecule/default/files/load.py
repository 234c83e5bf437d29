#!/usr/bin/python3
"""Requests through nginx, half of them over TLS, until SIGTERM; then says what came of them."""

import collections
import http.client
import json
import signal
import ssl
import sys
import threading

AT_ONCE = 4
ends = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: ends.set())
answered, failed = collections.Counter(), []
made = ssl.create_default_context()
made.check_hostname, made.verify_mode = False, ssl.CERT_NONE


def connected(over_tls):
    """As visitors come; who came by port 80 would be sent on, if nginx took it for one."""
    if over_tls:
        return http.client.HTTPSConnection("127.0.0.1", timeout=60, context=made)
    return http.client.HTTPConnection("127.0.0.1", timeout=60)


def ask(over_tls):
    connection = connected(over_tls)
    try:
        connection.request(
            "GET", "/", headers={"User-Agent": "Mozilla" if over_tls else "autodeploy"}
        )
        answer = connection.getresponse()
        said = answer.read()
        if answer.status != 200:
            failed.append(f"status {answer.status}")
        else:
            answered[f"{json.loads(said)['release']} {'tls' if over_tls else 'plain'}"] += 1
    except (OSError, http.client.HTTPException) as error:
        failed.append(repr(error))
    finally:
        connection.close()


def again_and_again(over_tls):
    while not ends.is_set():
        ask(over_tls)


threads = [threading.Thread(target=again_and_again, args=(one % 2 == 0,)) for one in range(AT_ONCE)]
for one in threads:
    one.start()
for one in threads:
    one.join()
json.dump({"answered": answered, "failed": failed}, sys.stdout)

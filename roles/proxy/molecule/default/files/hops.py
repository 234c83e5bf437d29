#!/usr/bin/python3
"""What reaches the application through nginx, and what does not, on the host itself."""

import hashlib
import http.client
import json
import socket

MB = 1024 * 1024


def ask(method, path, body=None, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", timeout=30)
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    return answer, answer.read()


answer, said = ask("GET", "/", Host="shop.example", **{"X-Forwarded-For": "192.0.2.7"})
seen = json.loads(said)["headers"]
assert len(answer.headers["X-Request-ID"]) == 32, answer.headers
assert seen["x-request-id"] == answer.headers["X-Request-ID"], seen
assert seen["host"] == "shop.example", seen
assert seen["x-forwarded-for"] == "192.0.2.7, 127.0.0.1", seen
assert "nginx/" not in answer.headers["Server"], answer.headers

body = bytes(range(256)) * (24 * MB // 256)
answer, said = ask("POST", "/", body)
assert json.loads(said)["sha256"] == hashlib.sha256(body).hexdigest(), said
assert ask("POST", "/", **{"Content-Length": str(26 * MB)})[0].status == 413

assert ask("GET", "/.well-known/autodeploy")[1] == b"1\n"

with socket.create_connection(("127.0.0.1", 80), timeout=30) as one:
    one.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\n")
    read = one.makefile("rb")
    assert read.readline().split()[1] == b"101"
    while read.readline().strip():
        pass
    one.sendall("grüße\n".encode())
    assert read.readline() == "grüße\n".encode()

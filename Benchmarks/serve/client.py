"""What the load benchmark needs besides ab: an administrator with a token, and listeners to the events.

    client.py prepare FOLDER        reads FOLDER/address, writes the base address and a token to FOLDER/access
    client.py listen FOLDER COUNT   follows the events with so many connections, notes what came in FOLDER/heard, until it is stopped
    client.py told FOLDER           lets something happen, and says how many of the listeners were told, and how late
"""

import http.client
import json
import re
import selectors
import signal
import socket
import sys
import time
from urllib.parse import urlsplit


def request(base, method, path, body=None, **fields):
    address = urlsplit(base)
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=60)
    data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    kind = {} if body is None else {"Content-Type": "image/jpeg" if isinstance(body, bytes) else "application/json"}
    connection.request(method, "/api/v1" + path, data, {**kind, **fields})
    response = connection.getresponse()
    text = response.read()
    assert response.status < 300, text
    return json.loads(text), response.headers


def access(folder):
    return open(f"{folder}/access").read().split()


def prepare(folder):
    base, secret = re.search(r"(http://\S+)/setup#(\S+)", open(f"{folder}/address").read()).groups()
    base = base.replace("localhost", "127.0.0.1")
    session, headers = request(base, "POST", "/setup", {"secret": secret, "name": "load", "password": "a heavy load it is"})
    fields = {"Cookie": headers["Set-Cookie"].split(";")[0], "X-CSRF-Token": session["csrf"]}
    token, _ = request(base, "POST", "/tokens", {"name": "load", "permissions": ["view", "identify"]}, **fields)
    open(f"{folder}/access", "w").write(f"{base} {token['token']}\n")


def listen(folder, count):
    base, token = access(folder)
    address = urlsplit(base)
    selector = selectors.DefaultSelector()
    heard = [0.0] * count
    for index in range(count):
        connection = socket.create_connection((address.hostname, address.port))
        connection.sendall(f"GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
        connection.recv(4096)
        selector.register(connection, selectors.EVENT_READ, index)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    open(f"{folder}/listening", "w").close()
    while True:
        for key, _ in selector.select():
            part = key.fileobj.recv(65536)
            if not part:
                selector.unregister(key.fileobj)
            elif b"arrival" in part:
                heard[key.data] = time.time()
                json.dump(heard, open(f"{folder}/heard", "w"))


def told(folder):
    base, token = access(folder)
    picture = open(f"{folder}/identify-720p-1.jpg", "rb").read()
    answer = {"events": []}
    while not answer["events"]:
        answer, _ = request(base, "POST", "/cameras/load/frames", picture, Authorization=f"Bearer {token}")
    done = time.time()
    time.sleep(2)
    heard = [at for at in json.load(open(f"{folder}/heard")) if at]
    late = max(heard, default=0) - done
    print(f"\n{len(heard)} listeners were told of an arrival, the last one {1000 * max(0, late):.0f} ms after the camera's answer")


if __name__ == "__main__":
    verb, folder, *more = sys.argv[1:]
    {"prepare": prepare, "listen": lambda folder: listen(folder, int(more[0])), "told": told}[verb](folder)

"""What the load client can do at most: it asks a server that does nothing but answer. `python -m bench.bare`."""

import json
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from bench.client import FORK, HOST, Load, apply_load
from bench.wire import get

CLIENTS, PAGE = 8, b"x" * 16_000  # when run on its own


@contextmanager
def bare_server(body: bytes) -> Iterator[int]:
    """Serves `body` to whatever is asked, one connection at a time; gives its port."""
    listening = socket.create_server((HOST, 0), backlog=128)
    page = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%b" % (len(body), body)
    process = FORK.Process(target=_serve, args=(listening, page), daemon=True)
    process.start()
    try:
        yield listening.getsockname()[1]
    finally:
        process.terminate()
        process.join()
        listening.close()


def _serve(listening: socket.socket, page: bytes) -> None:
    while True:
        connection, _ = listening.accept()
        with connection:
            asked = b""
            while b"\r\n\r\n" not in asked and (chunk := connection.recv(65_536)):
                asked += chunk
            connection.sendall(page)


def client_alone(page: bytes, *, clients: int, seconds: float) -> Load:
    """The load client against the bare server."""
    with bare_server(page) as port:
        request = get(port, "/")
        return apply_load(port, [lambda line: line.say(request).status == 200] * clients, seconds)


def figures(load: Load) -> dict[str, float]:
    """What the client manages, and what it costs; CPU in ms per request."""
    return {
        "requests_s": load.requests / load.elapsed,
        "cpu_ms": 1000 * load.cpu / max(load.requests, 1),
        "wrong": load.wrong,
    }


if __name__ == "__main__":
    duration = float(sys.argv[1]) if len(sys.argv) > 1 else 3.0
    print(json.dumps(figures(client_alone(PAGE, clients=CLIENTS, seconds=duration))))

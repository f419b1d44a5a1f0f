"""A server that does nothing but answer: what the load client can do at most."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

from bench.client import FORK, HOST


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

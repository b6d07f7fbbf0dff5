"""A TCP proxy in front of PostgreSQL that loses a connection at the worst moment: after COMMIT reached the server, before
its answer came back."""

from __future__ import annotations

import contextlib
import socket
import threading


class Proxy:
    """`url` goes through it. `cuts`: how many of the next COMMITs lose their answer."""

    def __init__(self, port: int):
        self._target = port
        self.cuts = 0
        self.cut = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self._target))
            dead = threading.Event()
            threading.Thread(target=self._up, args=(client, server, dead), daemon=True).start()
            threading.Thread(target=self._down, args=(client, server, dead), daemon=True).start()

    def _up(self, client: socket.socket, server: socket.socket, dead: threading.Event) -> None:
        with contextlib.suppress(OSError):
            while data := client.recv(65536):
                if b"COMMIT" in data and self.cuts > 0:
                    self.cuts -= 1
                    self.cut += 1
                    dead.set()
                server.sendall(data)
        server.close()

    def _down(self, client: socket.socket, server: socket.socket, dead: threading.Event) -> None:
        with contextlib.suppress(OSError):
            while data := server.recv(65536):
                if dead.is_set():
                    break
                client.sendall(data)
        with contextlib.suppress(OSError):
            client.shutdown(socket.SHUT_RDWR)
        client.close()

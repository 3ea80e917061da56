"""The barest IMAP server there can be: hands mails of a file to one client as fast as the wire takes them.

Its own cost must not hide that of the client which is measured. `_imap_shelf.py FILE` prints its port; the file holds
mails behind their lengths (four bytes each).
"""

from __future__ import annotations

import mmap
import socket
import sys
import threading
from pathlib import Path

DATE = b'INTERNALDATE "02-Mar-2026 11:00:00 +0000"'


class Shelf:
    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            self.bytes = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self.places: list[tuple[int, int]] = []
        at = 0
        while at < len(self.bytes):
            size = int.from_bytes(self.bytes[at : at + 4], "big")
            self.places.append((at + 4, size))
            at += 4 + size

    def speak(self, wire: socket.socket) -> None:
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        wire.sendall(b"* OK ready\r\n")
        for line in wire.makefile("rb"):
            tag, *words = line.split()
            command = words[1] if words[0].upper() == b"UID" else words[0]
            getattr(self, f"on_{command.decode().lower()}", self.on_other)(wire, words)
            wire.sendall(tag + b" OK done\r\n")

    def on_capability(self, wire: socket.socket, _words: list[bytes]) -> None:
        wire.sendall(b"* CAPABILITY IMAP4rev1\r\n")

    def on_examine(self, wire: socket.socket, _words: list[bytes]) -> None:
        wire.sendall(b"* %d EXISTS\r\n* OK [UIDVALIDITY 7] valid\r\n" % len(self.places))

    on_select = on_examine

    def on_search(self, wire: socket.socket, words: list[bytes]) -> None:
        first = int(words[-1].partition(b":")[0]) if b":" in words[-1] else 1
        uids = b" ".join(b"%d" % uid for uid in range(first, len(self.places) + 1))
        wire.sendall(b"* SEARCH " + uids + b"\r\n")

    def on_fetch(self, wire: socket.socket, words: list[bytes]) -> None:
        asked = b" ".join(words[3:]).upper()
        answer = bytearray()
        for uid in self._numbers(words[2]):
            at, size = self.places[uid - 1]
            if b"BODY" not in asked:
                answer += b"* %d FETCH (UID %d RFC822.SIZE %d)\r\n" % (uid, uid, size)
                continue
            answer += b"* %d FETCH (UID %d %s FLAGS () RFC822.SIZE %d BODY[] {%d}\r\n" % (uid, uid, DATE, size, size)
            answer += self.bytes[at : at + size] + b")\r\n"
        wire.sendall(answer)

    def on_logout(self, wire: socket.socket, _words: list[bytes]) -> None:
        wire.sendall(b"* BYE see you\r\n")

    def on_other(self, _wire: socket.socket, _words: list[bytes]) -> None:
        pass

    @staticmethod
    def _numbers(ranges: bytes) -> list[int]:
        found: list[int] = []
        for part in ranges.split(b","):
            first, _, last = part.partition(b":")
            found += range(int(first), int(last or first) + 1)
        return found


def main() -> None:
    shelf = Shelf(Path(sys.argv[1]))
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    while True:
        wire, _ = listener.accept()
        threading.Thread(target=shelf.speak, args=(wire,), daemon=True).start()


if __name__ == "__main__":
    main()

"""How long pages take at one worker: `python tests/performance/page_times.py http://127.0.0.1:8000 [N]`.

The first row of each page is asked again and again, as readers do; the second with a new parameter each time, so that
nothing can be remembered.
"""

from __future__ import annotations

import http.client
import sys
import time
from urllib.parse import urlsplit

PAGES = ("/leaderboard", "/", "/leaderboard.csv", "/campaigns")


def times_ms(host: str, path: str, count: int) -> list[float]:
    """One connection, one request after the other; `@` in the path becomes the number of the request."""
    connection, found = http.client.HTTPConnection(host), []
    for number in range(count):
        start = time.perf_counter()
        connection.request("GET", path.replace("@", str(number)))
        answer = connection.getresponse()
        answer.read()
        found.append(1000 * (time.perf_counter() - start))
        assert answer.status == 200, (path, answer.status)
    return sorted(found)


def main(address: str, count: int = 300) -> None:
    host = urlsplit(address).netloc
    for path in PAGES:
        for asked, what in ((path, "as asked again"), (f"{path}?unknown=@", "made anew")):
            found = times_ms(host, asked, count)
            p50, p95 = found[len(found) // 2], found[int(0.95 * len(found))]
            print(f"{path:20} {what:15} p50 {p50:6.1f} ms   p95 {p95:6.1f} ms   max {found[-1]:6.1f} ms")


if __name__ == "__main__":
    main(sys.argv[1], *(int(number) for number in sys.argv[2:]))

"""A server on the loopback that answers 503 for three seconds from its first request on, and well after that."""

import http.server
import time

BROKEN_SECONDS = 3
first = None


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        global first
        first = first or time.monotonic()
        works = time.monotonic() - first > BROKEN_SECONDS
        self.send_response(200 if works else 503)
        self.send_header("Content-Length", "5")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(b"file\n")

    do_HEAD = do_GET


http.server.ThreadingHTTPServer(("127.0.0.1", 8765), Handler).serve_forever()

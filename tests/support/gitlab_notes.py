#!/usr/bin/env python3
"""gitlab_notes.py PORT-FILE NOTES: the notes of merge request 5 of project 8, as GitLab's API has them.
The first is of another person who writes our mark; all are kept in NOTES after each request."""

import json
import pathlib
import sys
import urllib.parse
from http.server import BaseHTTPRequestHandler, HTTPServer

notes = [{"id": 1, "author": {"id": 7}, "body": "<!-- audiencectl:plan:plan -->\n mine"}]
PATH = "/api/v4/projects/8/merge_requests/5/notes"


class Handler(BaseHTTPRequestHandler):
    def handle_any(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        form = dict(urllib.parse.parse_qsl(body))
        path = self.path.split("?")[0]
        answer = None
        if self.headers.get("PRIVATE-TOKEN") != "glpat":
            path = "refused"
        if (self.command, path) == ("GET", "/api/v4/user"):
            answer = {"id": 4}
        elif (self.command, path) == ("GET", PATH):
            answer = notes
        elif (self.command, path) == ("POST", PATH):
            notes.append({"id": len(notes) + 1, "author": {"id": 4}, "body": form["body"]})
            answer = notes[-1]
        elif self.command == "PUT" and path.startswith(PATH + "/"):
            answer = next(note for note in notes if note["id"] == int(path.rsplit("/", 1)[1]))
            answer["body"] = form["body"]
        pathlib.Path(sys.argv[2]).write_text(json.dumps(notes))
        self.send_response(200 if answer is not None else 404)
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    do_GET = do_POST = do_PUT = handle_any

    def log_message(self, *_):
        pass


server = HTTPServer(("127.0.0.1", 0), Handler)
pathlib.Path(sys.argv[1]).write_text(str(server.server_port))
server.serve_forever()

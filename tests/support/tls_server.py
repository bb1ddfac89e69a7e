#!/usr/bin/env python3
"""A server that answers badly over TLS.

    tls_server.py PORT CERTIFICATE KEY UPSTREAM LOG METHOD MODE

Requests of METHOD for the list of syncs are answered as MODE says, all others by UPSTREAM, an
http origin. Each request is a line of LOG: its method and path.
"""

import http.client
import socket
import ssl
import sys
import threading
import time
import urllib.parse
import zlib

LIST = b'{"success": true, "audienceSyncs": []}'
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
BOMB_BYTES = 600 << 20


def read_head(connection):
    head = b""
    while b"\r\n\r\n" not in head:
        data = connection.recv(65536)
        if not data:
            return None
        head += data
    head, body = head.split(b"\r\n\r\n", 1)
    lines = head.decode("latin-1").split("\r\n")
    headers = {}
    for line in lines[1:]:
        name, value = line.split(":", 1)
        headers[name.lower()] = value.strip()
    while len(body) < int(headers.get("content-length", 0)):
        body += connection.recv(65536)
    method, path, _ = lines[0].split(" ")
    return method, path, headers, body


def forward(connection, upstream, method, path, headers, body):
    client = http.client.HTTPConnection(upstream.hostname, upstream.port)
    kept = {name: headers[name] for name in ("authorization", "content-type", "x-company-id") if name in headers}
    client.request(method, path, body or None, kept)
    answer = client.getresponse()
    data = answer.read()
    connection.sendall(b"HTTP/1.1 %d X\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
                       % (answer.status, len(data), data))


def bomb():
    """A gzip stream of more than any list: after a full flush the same input packs alike."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    first, next_one = (packer.compress(b" " * (1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    return first + next_one * (BOMB_BYTES >> 20)


def hold():
    time.sleep(600)


def misbehave(connection, mode):
    if mode == "silent":
        hold()
    elif mode == "head-only":
        connection.sendall(HEAD + b"Content-Length: 1000\r\n\r\n" + LIST[:10])
        hold()
    elif mode == "drip":
        connection.sendall(HEAD + b"Content-Length: 1000\r\n\r\n")
        for _ in range(600):
            connection.sendall(b" ")
            time.sleep(1)
    elif mode == "endless-head":
        connection.sendall(HEAD)
        for number in range(100000):
            connection.sendall(b"X-Header-%d: %s\r\n" % (number, b"x" * 100))
    elif mode == "bomb":
        connection.sendall(HEAD + b"Content-Encoding: gzip\r\nConnection: close\r\n\r\n")
        connection.sendall(bomb())
    elif mode == "cut":
        connection.sendall(HEAD + b"Connection: close\r\n\r\n" + LIST[:-5])
    elif mode == "cut-politely":
        connection.sendall(HEAD + b"Connection: close\r\n\r\n" + LIST[:-5])
        connection.unwrap()
    elif mode == "cut-chunked":
        connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n" % (len(LIST), LIST))
    elif mode == "cut-empty":
        connection.sendall(HEAD + b"Connection: close\r\n\r\n")
        connection.unwrap()
    else:
        sys.exit("unknown mode " + mode)


def send_frame(connection, kind, flags, stream, payload=b""):
    connection.sendall(len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload)


def receive(connection, size):
    data = b""
    while len(data) < size:
        more = connection.recv(size - len(data))
        if not more:
            raise ConnectionError
        data += more
    return data


def serve_http2(connection, log, mode):
    """HTTP/2 in which each request is met with RST_STREAM or GOAWAY. RFC 9113, 6."""
    receive(connection, 24)
    send_frame(connection, 4, 0, 0)
    while True:
        head = receive(connection, 9)
        kind, flags, stream = head[3], head[4], int.from_bytes(head[5:], "big")
        receive(connection, int.from_bytes(head[:3], "big"))
        if kind == 4 and not flags & 1:
            send_frame(connection, 4, 1, 0)
        if kind != 1:
            continue
        note(log, "HEADERS")
        if mode == "h2-goaway":
            send_frame(connection, 7, 0, 0, (0).to_bytes(4, "big") + (1).to_bytes(4, "big"))
            return
        send_frame(connection, 3, 0, stream, int(mode.rsplit(":", 1)[1]).to_bytes(4, "big"))


def note(log, line):
    with open(log, "a", encoding="utf-8") as file:
        file.write(line + "\n")


def serve(plain, context, upstream, log, method, mode):
    try:
        if mode == "no-handshake":
            hold()
        with context.wrap_socket(plain, server_side=True) as connection:
            if mode.startswith("h2-"):
                serve_http2(connection, log, mode)
                return
            while True:
                request = read_head(connection)
                if not request:
                    return
                note(log, f"{request[0]} {request[1]}")
                if request[0] == method and "/audience-syncs" in request[1]:
                    misbehave(connection, mode)
                    # Without a word of TLS: SHUT_RDWR on the socket below.
                    socket.socket.shutdown(connection, socket.SHUT_RDWR)
                    return
                forward(connection, upstream, *request)
    except OSError:
        pass
    finally:
        plain.close()


def main():
    port, certificate, key, upstream, log, method, mode = sys.argv[1:]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    context.set_alpn_protocols(["h2" if mode.startswith("h2-") else "http/1.1"])
    listener = socket.create_server(("127.0.0.1", int(port)))
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=serve, daemon=True, args=(
            connection, context, urllib.parse.urlsplit(upstream), log, method, mode)).start()


main()

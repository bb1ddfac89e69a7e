#!/usr/bin/env python3
"""A proxy that knows CONNECT and no more.

    connect_proxy.py PORT LOG MODE

MODE: relay; stall (takes the request and says nothing); login=USER:PASSWORD (relays with that Basic
login; without it answers 407 and closes); or a status to refuse with, for example 407. What reaches the proxy in clear, and only that, is appended to LOG.
"""

import base64
import socket
import sys
import threading
import time


def relay(source, target):
    try:
        while data := source.recv(65536):
            target.sendall(data)
    except OSError:
        pass
    for end in (source, target):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def serve(client, log, mode):
    head = b""
    while b"\r\n\r\n" not in head:
        data = client.recv(65536)
        if not data:
            break
        head += data
    with open(log, "ab") as file:
        file.write(head)
    if mode == "stall":
        time.sleep(600)
    if mode.startswith("login="):
        login = base64.b64encode(mode[len("login="):].encode())
        if b"Proxy-Authorization: Basic " + login not in head:
            client.sendall(b"HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=x\r\n"
                           b"Connection: close\r\nContent-Length: 0\r\n\r\n")
            client.close()
            return
        mode = "relay"
    words = head.split()
    if mode != "relay" or words[:1] != [b"CONNECT"]:
        client.sendall(b"HTTP/1.1 %s No\r\nContent-Length: 0\r\n\r\n" % (mode.encode() if mode != "relay" else b"405"))
        client.close()
        return
    host, port = words[1].decode().rsplit(":", 1)
    server = socket.create_connection((host, int(port)))
    client.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
    threading.Thread(target=relay, args=(server, client), daemon=True).start()
    relay(client, server)


def main():
    port, log, mode = sys.argv[1:]
    listener = socket.create_server(("127.0.0.1", int(port)))
    while True:
        client, _ = listener.accept()
        threading.Thread(target=serve, args=(client, log, mode), daemon=True).start()


main()

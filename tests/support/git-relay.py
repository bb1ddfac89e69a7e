"""git-relay.py PORT TARGET_PORT LIMIT_FILE: a TCP relay on loopback that can stall.

Bytes from the target to the client stop, with the connection left open, once as many have been
passed as LIMIT_FILE says. Without that file all are passed.
"""
import socket
import sys
import threading
import time


def limit(path):
    try:
        with open(path, encoding="ascii") as file:
            return int(file.read())
    except (OSError, ValueError):
        return None


def pass_on(source, sink, allowed):
    try:
        while data := source.recv(4096):
            if allowed is not None:
                data = data[:allowed]
                allowed -= len(data)
            sink.sendall(data)
            if allowed == 0:
                time.sleep(3600)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        sink.close()


def main():
    port, target, path = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(16)
    while True:
        client, _ = listener.accept()
        server = socket.create_connection(("127.0.0.1", target))
        for pair in ((client, server, None), (server, client, limit(path))):
            threading.Thread(target=pass_on, args=pair, daemon=True).start()


main()

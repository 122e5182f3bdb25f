"""Goes through what a STOMP client can ask for, with Debian's stomp.py, and prints what comes of it.

Usage: stomp_py.py <port> <version> [<broker>]

The broker is portico unless given; with rabbitmq destinations, and headers of durable subscriptions and of NACK, are as
that one wants them, and all else is the same.
"""

import queue
import sys

import stomp

PORT = int(sys.argv[1])
VERSION = sys.argv[2]
BROKER = sys.argv[3] if len(sys.argv) > 3 else "portico"
# Of destinations: what is before them, between their levels, and the wildcard for a level; and the headers that a durable
# subscription needs beside its own, and a NACK so that the message does not come again.
PREFIX, SEPARATOR, ANY, DURABLE, DROPPED = {
    "portico": ("", "/", "+", {}, {}),
    "rabbitmq": ("/topic/", ".", "*", {"auto-delete": "false"}, {"requeue": "false"}),
}[BROKER]
CONNECTIONS = {"1.0": stomp.Connection10, "1.1": stomp.Connection11, "1.2": stomp.Connection12}
# Seconds that something may take.
DEADLINE = 10
# Seconds in which a connection ends that does.
PATIENCE = 1 if BROKER == "rabbitmq" else DEADLINE


class Listener(stomp.ConnectionListener):
    """Keeps what comes."""

    def __init__(self):
        self.messages = queue.Queue()
        self.receipts = queue.Queue()
        self.errors = queue.Queue()
        self.ends = queue.Queue()

    def on_message(self, frame):
        self.messages.put(frame)

    def on_receipt(self, frame):
        self.receipts.put(frame.headers["receipt-id"])

    def on_error(self, frame):
        self.errors.put(frame.headers["message"])

    def on_disconnected(self):
        self.ends.put(True)


def destination(*levels):
    return PREFIX + SEPARATOR.join(levels)


def connect(client_id, **options):
    if VERSION == "1.0":
        options = {}
    else:
        options["vhost"] = "/"
    connection = CONNECTIONS[VERSION]([("127.0.0.1", PORT)], auto_decode=False, **options)
    listener = Listener()
    connection.set_listener("", listener)
    connection.connect("guest", "guest", wait=True, headers={"client-id": client_id})
    return connection, listener


def leave(connection, listener):
    connection.disconnect(receipt="bye")
    assert listener.receipts.get(timeout=DEADLINE) == "bye"


def subscribe(connection, listener, destination, **headers):
    connection.subscribe(destination, id="0", headers={"receipt": "subscribed", **headers}, ack=headers.get("ack", "auto"))
    assert listener.receipts.get(timeout=DEADLINE) == "subscribed"


def acknowledge(connection, message):
    if VERSION == "1.0":
        connection.ack(message.headers["message-id"])
    elif VERSION == "1.1":
        connection.ack(message.headers["message-id"], "0")
    else:
        connection.ack(message.headers["ack"])


def refuse(connection, message):
    if VERSION == "1.0":
        # The client has no NACK of it.
        connection.ack(message.headers["message-id"])
    elif VERSION == "1.1":
        connection.nack(message.headers["message-id"], "0", **DROPPED)
    else:
        connection.nack(message.headers["ack"], **DROPPED)


def sent_and_received():
    connection, listener = connect("sender", heartbeats=(200, 200))
    subscribe(connection, listener, destination("py", ANY))
    connection.send(destination("py", "a"), b"\x00\x01\xff", content_type="x/y", headers={"k": "v"})
    message = listener.messages.get(timeout=DEADLINE)
    body = message.body if isinstance(message.body, bytes) else message.body.encode("latin-1")
    print("received", message.headers["destination"], message.headers["content-type"], message.headers["k"], body.hex())
    leave(connection, listener)


def transactions():
    connection, listener = connect("transactor")
    topic = destination("py", "t")
    subscribe(connection, listener, topic)
    for end in ("abort", "commit"):
        transaction = connection.begin()
        connection.send(topic, end, transaction=transaction)
        getattr(connection, end)(transaction)
    connection.send(topic, "behind")
    bodies = [listener.messages.get(timeout=DEADLINE).body for _ in range(2)]
    print("committed", *[body.decode() for body in bodies])
    leave(connection, listener)


def acknowledgements():
    lasting = destination("py", "durable", VERSION.replace(".", ""))
    ack = "client-individual" if VERSION != "1.0" else "client"
    headers = {"ack": ack, "durable": "true", **DURABLE}
    connection, listener = connect(f"durable-{VERSION}")
    subscribe(connection, listener, lasting, **headers)
    for body in ("1", "2", "3"):
        connection.send(lasting, body)
    one, two, _ = [listener.messages.get(timeout=DEADLINE) for _ in range(3)]
    acknowledge(connection, one)
    refuse(connection, two)
    leave(connection, listener)
    connection, listener = connect(f"durable-{VERSION}")
    subscribe(connection, listener, lasting, **headers)
    message = listener.messages.get(timeout=DEADLINE)
    print("again", message.body.decode(), message.headers["redelivered"])
    leave(connection, listener)


def errors():
    connection, listener = connect("mistaken")
    connection.commit("nothing")
    print("error", listener.errors.get(timeout=DEADLINE))
    try:
        listener.ends.get(timeout=PATIENCE)
        print("the end")
    except queue.Empty:
        print("it goes on")


sent_and_received()
transactions()
acknowledgements()
errors()

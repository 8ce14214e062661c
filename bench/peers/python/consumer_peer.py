"""A consumer as one writes it: librdkafka, orjson and dictionaries. Nothing is durable."""

import uuid
from collections import Counter, defaultdict

import meter
import orjson
from confluent_kafka import Consumer

KEYS = ("song", "artist", "state")


def catch_up(bootstrap, topic, events):
    meter.start()
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": uuid.uuid4().hex, "auto.offset.reset": "earliest", "enable.auto.commit": False})
    consumer.subscribe([topic])
    views = {view: Counter() for view in ("minute", *KEYS)}
    users = defaultdict(set)
    read = 0
    while read < events:
        for message in consumer.consume(10_000, 1.0):
            if message.error():
                raise RuntimeError(str(message.error()))
            play = orjson.loads(message.value())
            minute = play["ts"] // 60_000
            views["minute"][minute] += 1
            users[minute].add(play["userId"])
            for key in KEYS:
                views[key][minute, play[key]] += 1
            read += 1
    meter.stop()
    consumer.close()
    meter.result({view: list(counts.values()) for view, counts in views.items()}, {minute: len(seen) for minute, seen in users.items()})


settings = meter.settings()
for _ in range(int(settings["rounds"])):
    catch_up(settings["bootstrap"], settings["topic"], int(settings["events"]))

"""Quix Streams: windows in RocksDB with changelog topics; each key takes a way through a repartition topic."""

import uuid

import meter
from quixstreams import Application

MINUTE_MS = 60_000
KEYS = ("song", "artist", "state")


def add(minute, play):
    """A count and the users of a minute; state must be JSON."""
    minute["plays"] += 1
    minute["users"][str(play["userId"])] = 1
    return minute


def catch_up(settings):
    application = Application(
        broker_address=settings["bootstrap"],
        consumer_group=f"peer-{uuid.uuid4().hex}",
        auto_offset_reset="earliest",
        state_dir=settings["directory"],
        loglevel="WARNING",
    )
    # Windows close by event time; nothing closes within the hour of the events, so nothing is late.
    topic = application.topic(settings["topic"], value_deserializer="json", key_deserializer="bytes", timestamp_extractor=lambda play, headers, time, kind: play["ts"])
    plays = application.dataframe(topic)
    newest = {view: {} for view in (*KEYS, "minute")}
    updates = dict.fromkeys(newest, 0)
    events = int(settings["events"])

    def keep(view):
        def update(row, key, time, headers):
            newest[view][row["start"], key] = row["value"]
            updates[view] += 1
            if all(count >= events for count in updates.values()):
                application.stop()

        return update

    for key in KEYS:
        counts = plays.apply(lambda play, key=key: {"name": play[key]}).group_by("name", name=f"by-{key}").tumbling_window(MINUTE_MS, grace_ms=7_200_000, name=key).count().current()
        counts.update(keep(key), metadata=True)
    minutes = plays.apply(lambda play: {"all": "all", "userId": play["userId"]}).group_by("all", name="by-minute").tumbling_window(MINUTE_MS, grace_ms=7_200_000, name="minute")
    minutes.reduce(initializer=lambda play: {"plays": 1, "users": {str(play["userId"]): 1}}, reducer=add).current().update(keep("minute"), metadata=True)

    meter.start()
    application.run()
    meter.stop()
    views = {key: list(newest[key].values()) for key in KEYS} | {"minute": [minute["plays"] for minute in newest["minute"].values()]}
    meter.result(views, {start: len(minute["users"]) for (start, _), minute in newest["minute"].items()})


settings = meter.settings()
for _ in range(int(settings["rounds"])):
    catch_up(settings)

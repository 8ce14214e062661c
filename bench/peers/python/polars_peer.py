"""Polars with two threads over a Parquet file, all five views in one go."""

import os

import meter

os.environ["POLARS_MAX_THREADS"] = "2"
import polars as pl  # noqa: E402 (it reads the number of threads when it is loaded)

KEYS = ("song", "artist", "state")


def batch(parquet):
    meter.start()
    plays = pl.scan_parquet(parquet).select((pl.col("ts") // 60_000).alias("minute"), *KEYS, "userId")
    by_key = [plays.group_by("minute", key).agg(pl.len().alias("plays")) for key in KEYS]
    by_minute = plays.group_by("minute").agg(pl.len().alias("plays"), pl.col("userId").n_unique().alias("users"))
    *keys, minutes = pl.collect_all([*by_key, by_minute])
    meter.stop()
    views = dict(zip(KEYS, keys)) | {"minute": minutes}
    meter.result({view: rows["plays"].to_list() for view, rows in views.items()}, dict(zip(minutes["minute"], minutes["users"])))


settings = meter.settings()
for _ in range(int(settings["rounds"])):
    batch(settings["parquet"])

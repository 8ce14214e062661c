"""Superset for one machine: no Redis, no Celery, its own database in SQLite. Whatever can be reached from elsewhere needs more."""

import os

_home = os.environ["SUPERSET_HOME"]
SECRET_KEY = os.environ["MILLRACE_SUPERSET_SECRET"]
SQLALCHEMY_DATABASE_URI = f"sqlite:///{_home}/superset.db?check_same_thread=false"
TALISMAN_ENABLED = False
RATELIMIT_ENABLED = False
# What charts show is asked for anew each time.
CACHE_CONFIG = {"CACHE_TYPE": "NullCache"}
DATA_CACHE_CONFIG = {"CACHE_TYPE": "NullCache"}
FILTER_STATE_CACHE_CONFIG = {"CACHE_TYPE": "FileSystemCache", "CACHE_DIR": f"{_home}/cache", "CACHE_DEFAULT_TIMEOUT": 86400}
EXPLORE_FORM_DATA_CACHE_CONFIG = FILTER_STATE_CACHE_CONFIG

"""What the two DAGs take from the environment. Nothing outside Airflow and the standard library is imported."""

from __future__ import annotations

import os
import shlex
from datetime import timedelta
from pathlib import Path

import pendulum

FULL_LOAD_DAG_ID = "batch_etl_full_load"
INCREMENTAL_DAG_ID = "batch_etl_incremental_load"


def _variable(name: str, default: str) -> str:
    # Empty is unset: compose files pass variables on that nobody has set.
    return os.environ.get(name) or default


def _is_on(name: str, default: str) -> bool:
    text = _variable(name, default)
    if text not in ("true", "false"):
        raise ValueError(f'{name} is "{text}": true or false is wanted')
    return text == "true"


def _default_command(project: Path) -> str:
    """The command as npm has installed it, in the project or above it; npx where there is none."""
    for folder in (project, *project.parents):
        installed = folder / "node_modules" / ".bin" / "millrace"
        if installed.exists():
            return shlex.quote(str(installed))
    return "npx millrace"


# The folder of millrace.config.ts. The default is the one that these files came in.
PROJECT = Path(_variable("MILLRACE_PROJECT", str(Path(__file__).resolve().parents[2])))
COMMAND = _variable("MILLRACE_COMMAND", _default_command(PROJECT))

# Days begin at midnight of this zone.
ZONE = _variable("MILLRACE_ZONE", "UTC")
# The first day that has a run of its own. Named, every day from it on is caught up that has none; else the newest alone is run.
_START = os.environ.get("MILLRACE_START_DATE") or None
START_DATE = pendulum.parse(_START or "2025-01-01", tz=ZONE)
CATCH_UP = _is_on("MILLRACE_CATCHUP", "true" if _START else "false")
# The day before which the full load takes everything; none: the day on which it runs first.
FULL_LOAD_UNTIL = _variable("MILLRACE_FULL_LOAD_UNTIL", "")

RETRIES = int(_variable("MILLRACE_RETRIES", "3"))
RETRY_DELAY = timedelta(seconds=float(_variable("MILLRACE_RETRY_DELAY_S", "60")))
POKE = timedelta(seconds=float(_variable("MILLRACE_POKE_S", "60")))
TASK_LIMIT = timedelta(seconds=float(_variable("MILLRACE_TASK_LIMIT_S", "14400")))

# Data quality: views that must answer for the day with at least one row, and the dead letters that a day may have.
QUALITY_VIEWS = tuple(name for name in _variable("MILLRACE_QUALITY_VIEWS", "listen_count_minute,user_activity_minute").split(",") if name)
MAX_DEAD_LETTERS = int(_variable("MILLRACE_MAX_DEAD_LETTERS", "1000"))


def command_line(*arguments: str) -> str:
    """A line for BashOperator. `exec`: a signal reaches the command itself, which then stops cleanly. The blank at the
    end keeps a line that ends in .sh from being taken for the name of a template."""
    return f"exec {COMMAND} {' '.join(arguments)} "


def instant(text: str) -> str:
    """An instant or a day as the command takes it, checked: what a person has typed ends up in a shell."""
    return pendulum.parse(text, tz=ZONE).isoformat()


def midnight(moment) -> str:
    """Midnight at which the day of a moment began."""
    return pendulum.instance(moment).in_timezone(ZONE).start_of("day").isoformat()


def full_load_end(dag_run) -> str:
    """Where the full load ends: as its run says, as the environment says, or when the day of the run began. By the clock:
    for @once the logical date, the interval and even run_after are the start date of the DAG."""
    until = (dag_run.conf or {}).get("until") or FULL_LOAD_UNTIL
    return instant(until) if until else midnight(dag_run.start_date)


def incremental_end(dag_run, data_interval_end) -> str:
    """Where a day ends. A run by hand may say so (`{"until": "2025-01-07"}`); without that, and without a logical date,
    there is no interval, and the task fails."""
    until = (dag_run.conf or {}).get("until")
    return instant(until) if until else data_interval_end.isoformat()


def day_before(end: str) -> str:
    """The midnight one day before, also where clocks were put forward or back between."""
    return pendulum.parse(end).in_timezone(ZONE).subtract(days=1).isoformat()

"""Each midnight: everything received before it, after the full load and after the days before."""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import DAG, task
from airflow.timetables.interval import CronDataIntervalTimetable

from millrace_settings import CATCH_UP, FULL_LOAD_DAG_ID, INCREMENTAL_DAG_ID, POKE, START_DATE, ZONE
from millrace_tasks import DEFAULT_ARGS, MACROS, load_tasks

with DAG(
    dag_id=INCREMENTAL_DAG_ID,
    description="Everything received before midnight, day by day.",
    # The text "0 0 * * *" would be a timetable without intervals: begin and end would be the same.
    schedule=CronDataIntervalTimetable("0 0 * * *", timezone=ZONE),
    start_date=START_DATE,
    catchup=CATCH_UP,
    # Not 1: where a day has failed, the next one takes the one place and waits for it, and the failed one, cleared, never
    # gets in. That days go in order is the business of depends_on_past.
    max_active_runs=16,
    default_args={**DEFAULT_ARGS, "depends_on_past": True},
    user_defined_macros=MACROS,
    tags=["millrace", "batch"],
) as dag:

    # On a busy machine the scheduler may lose track of a look and call it failed: that is no reason to give up.
    @task.sensor(task_id="wait_for_full_load", mode="reschedule", poke_interval=POKE, timeout=timedelta(days=7), retries=20, retry_delay=POKE)
    def wait_for_full_load(ti=None) -> bool:
        # One that the scheduler ran counts, and one by hand.
        return ti.get_dr_count(dag_id=FULL_LOAD_DAG_ID, states=["success"]) > 0

    # An old day that is run again must not take the answers back.
    wait_for_full_load() >> load_tasks("incremental_end(dag_run, data_interval_end)", "--forward-only", wait_for_downstream=True)

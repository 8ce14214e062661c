"""Once: everything received before the day of the first run."""

from __future__ import annotations

from airflow.sdk import DAG

from millrace_settings import FULL_LOAD_DAG_ID, START_DATE
from millrace_tasks import DEFAULT_ARGS, MACROS, load_tasks

with DAG(
    dag_id=FULL_LOAD_DAG_ID,
    description="Everything received before the day of the first run.",
    schedule="@once",
    start_date=START_DATE,
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULT_ARGS,
    user_defined_macros=MACROS,
    tags=["millrace", "batch"],
) as dag:
    load_tasks("full_load_end(dag_run)", "--full")

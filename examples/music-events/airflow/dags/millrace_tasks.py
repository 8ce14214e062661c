"""The three tasks that both DAGs have."""

from __future__ import annotations

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import task

import millrace_notices
from millrace_settings import PROJECT, RETRIES, RETRY_DELAY, TASK_LIMIT, command_line, day_before, full_load_end, incremental_end

DEFAULT_ARGS = {
    "owner": "millrace",
    "retries": RETRIES,
    "retry_delay": RETRY_DELAY,
    "on_failure_callback": millrace_notices.on_failure,
    "on_retry_callback": millrace_notices.on_retry,
}

MACROS = {"full_load_end": full_load_end, "incremental_end": incremental_end, "day_before": day_before}


def load_tasks(end: str, *options: str, wait_for_downstream: bool = False):
    """Builds everything received before `end`, a template; then compares the layers and looks at the data."""
    batch_etl = BashOperator(
        task_id="batch_etl",
        bash_command=command_line("batch", "run", "--cut-at", f"'{{{{ {end} }}}}'", *options),
        cwd=str(PROJECT),
        append_env=True,
        execution_timeout=TASK_LIMIT,
        # A generation is compared and looked at before the next one takes its place.
        wait_for_downstream=wait_for_downstream,
    )
    reconcile = BashOperator(
        task_id="reconcile",
        bash_command=command_line("reconcile"),
        cwd=str(PROJECT),
        append_env=True,
        execution_timeout=TASK_LIMIT,
    )

    @task(task_id="data_quality", execution_timeout=TASK_LIMIT)
    def data_quality(begin: str, until: str) -> None:
        from millrace_quality import check_quality

        check_quality(begin, until)

    batch_etl >> [reconcile, data_quality(f"{{{{ day_before({end}) }}}}", f"{{{{ {end} }}}}")]
    return batch_etl

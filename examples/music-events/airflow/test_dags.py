"""The two DAGs without any server: AIRFLOW_HOME=<a folder> python -m unittest test_dags, in this folder."""

from __future__ import annotations

import datetime as dt
import http.server
import json
import os
import pathlib
import sys
import threading
import unittest
from types import SimpleNamespace
from unittest import mock

HERE = pathlib.Path(__file__).resolve().parent
DAGS = str(HERE / "dags")
os.environ["AIRFLOW__CORE__LOAD_EXAMPLES"] = "False"
os.environ["AIRFLOW__CORE__DAGS_FOLDER"] = DAGS
os.environ["MILLRACE_ZONE"] = "America/New_York"
os.environ["MILLRACE_START_DATE"] = "2025-03-01"
os.environ["MILLRACE_COMMAND"] = "millrace"
sys.path.insert(0, DAGS)

import pendulum
from airflow.dag_processing.dagbag import DagBag
from airflow.timetables.interval import CronDataIntervalTimetable

import millrace_notices
import millrace_quality
import millrace_settings

FULL, INCREMENTAL = "batch_etl_full_load", "batch_etl_incremental_load"


class Dags(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.bag = DagBag(dag_folder=DAGS)

    def rendered(self, dag_id: str, task_id: str = "batch_etl", field: str = "bash_command", **context) -> str:
        dag = self.bag.dags[dag_id]
        value = getattr(dag.get_task(task_id), field)
        run = SimpleNamespace(conf=context.pop("conf", {}), start_date=context.pop("start_date", None))
        environment = dag.get_template_env()
        show = lambda text: environment.from_string(text).render(dag_run=run, **context).rstrip()
        return [show(each) for each in value] if isinstance(value, (list, tuple)) else show(value)

    def test_both_are_imported_and_nothing_else(self):
        self.assertEqual(self.bag.import_errors, {})
        self.assertEqual(set(self.bag.dags), {FULL, INCREMENTAL})

    def test_the_order_of_the_tasks(self):
        after = {i: {t.task_id: sorted(t.downstream_task_ids) for t in d.tasks} for i, d in self.bag.dags.items()}
        load = {"batch_etl": ["data_quality", "reconcile"], "data_quality": [], "reconcile": []}
        self.assertEqual(after[FULL], load)
        self.assertEqual(after[INCREMENTAL], {"wait_for_full_load": ["batch_etl"], **load})
        self.assertEqual(self.bag.dags[INCREMENTAL].get_task("wait_for_full_load").mode, "reschedule")

    def test_days_keep_their_order_and_cannot_block_each_other_for_ever(self):
        dag = self.bag.dags[INCREMENTAL]
        self.assertTrue(all(each.depends_on_past for each in dag.tasks))
        self.assertTrue(dag.get_task("batch_etl").wait_for_downstream)
        self.assertEqual((dag.max_active_runs, dag.catchup), (16, True))
        self.assertEqual((self.bag.dags[FULL].max_active_runs, self.bag.dags[FULL].catchup), (1, False))

    def test_failures_are_tried_again_and_told(self):
        for dag in self.bag.dags.values():
            for each in dag.tasks:
                self.assertEqual((each.retries, each.retry_delay), (20 if each.task_id == "wait_for_full_load" else 3, dt.timedelta(seconds=60)), each.task_id)
                self.assertTrue(each.on_failure_callback and each.on_retry_callback, each.task_id)

    def test_a_day_is_one_of_the_zone_also_where_clocks_are_put_forward(self):
        timetable = CronDataIntervalTimetable("0 0 * * *", timezone=millrace_settings.ZONE)
        interval = timetable.infer_manual_data_interval(run_after=pendulum.datetime(2025, 3, 10, 4, tz="UTC"))
        self.assertEqual(interval.start.in_timezone("UTC").isoformat(), "2025-03-09T05:00:00+00:00")
        self.assertEqual(interval.end.in_timezone("UTC").isoformat(), "2025-03-10T04:00:00+00:00")
        self.assertEqual(millrace_settings.day_before(interval.end.isoformat()), "2025-03-09T00:00:00-05:00")

    def test_a_day_is_cut_at_its_end(self):
        end = pendulum.datetime(2025, 3, 10, 4, tz="UTC")
        self.assertEqual(self.rendered(INCREMENTAL, data_interval_end=end), "exec millrace batch run --cut-at '2025-03-10T04:00:00+00:00' --forward-only")
        self.assertEqual(self.rendered(INCREMENTAL, "data_quality", "op_args", data_interval_end=end), ["2025-03-09T00:00:00-05:00", "2025-03-10T04:00:00+00:00"])
        self.assertEqual(self.rendered(INCREMENTAL, "reconcile", data_interval_end=end), "exec millrace reconcile")
        self.assertIn("--cut-at '2025-02-01T00:00:00-05:00' ", self.rendered(INCREMENTAL, data_interval_end=end, conf={"until": "2025-02-01"}))

    def test_a_run_without_interval_fails_and_loads_nothing(self):
        with self.assertRaises(Exception):
            self.rendered(INCREMENTAL)

    def test_what_a_person_types_is_an_instant_or_fails(self):
        with self.assertRaises(Exception):
            self.rendered(INCREMENTAL, conf={"until": "'; rm -rf /; '"})

    def test_the_full_load_ends_when_the_day_of_its_run_began(self):
        late = dt.datetime(2025, 3, 10, 3, 59, tzinfo=dt.timezone.utc)
        self.assertEqual(self.rendered(FULL, start_date=late), "exec millrace batch run --cut-at '2025-03-09T00:00:00-05:00' --full")
        with mock.patch.object(millrace_settings, "FULL_LOAD_UNTIL", "2025-03-05"):
            self.assertIn("--cut-at '2025-03-05T00:00:00-05:00' ", self.rendered(FULL, start_date=late))
        self.assertIn("--cut-at '2025-03-01T00:00:00-05:00' ", self.rendered(FULL, start_date=late, conf={"until": "2025-03-01"}))


class Notices(unittest.TestCase):
    context = {
        "ti": SimpleNamespace(dag_id=INCREMENTAL, task_id="batch_etl", try_number=4, log_url="http://127.0.0.1/log"),
        "dag_run": SimpleNamespace(run_id="scheduled"),
        "data_interval_end": pendulum.datetime(2025, 3, 10, 4, tz="UTC"),
        "exception": RuntimeError("exit code 1"),
    }
    notice = {"event": "failed", "dag": INCREMENTAL, "run": "scheduled", "task": "batch_etl", "try": 4, "interval_end": "2025-03-10T04:00:00+00:00", "error": "exit code 1", "log": "http://127.0.0.1/log"}

    def test_a_webhook_gets_json(self):
        got = []

        class Hook(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                got.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        with http.server.HTTPServer(("127.0.0.1", 0), Hook) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            with mock.patch.dict(os.environ, {"MILLRACE_NOTIFY_URL": f"http://127.0.0.1:{server.server_port}/"}):
                millrace_notices.on_failure(self.context)
                millrace_notices.on_retry(self.context)
            server.shutdown()
        self.assertEqual(got, [self.notice])

    def test_a_function_is_called_and_one_that_fails_is_only_logged(self):
        told = []
        fake = SimpleNamespace(tell=told.append)
        with mock.patch.dict(sys.modules, {"told": fake}), mock.patch.dict(os.environ, {"MILLRACE_NOTIFY_CALL": "told:tell", "MILLRACE_NOTIFY_RETRIES": "true"}):
            millrace_notices.on_retry(self.context)
        self.assertEqual(told, [{**self.notice, "event": "retry"}])
        with mock.patch.dict(os.environ, {"MILLRACE_NOTIFY_CALL": "no_such_module:tell"}), self.assertLogs("millrace_notices", "ERROR"):
            millrace_notices.on_failure(self.context)


class Quality(unittest.TestCase):
    BEGIN, END = "2025-03-09T00:00:00-05:00", "2025-03-10T00:00:00-04:00"

    def check(self, **changed):
        good = {
            "plan": {"unchanged": True, "parent": 3},
            "list": [{"number": 3, "contentOf": None, "checks": [{"name": "unique", "rows": 9}], "drift": [{"view": "v", "status": "none"}]}],
            "dead": [{"appendedAt": pendulum.parse(self.BEGIN).timestamp() * 1000}, {"appendedAt": pendulum.parse(self.END).timestamp() * 1000}],
            "query": {"rows": [{"plays": 7}], "envelope": {"complete": True}},
        }
        said = {**good, **changed}

        def answer(*arguments):
            if arguments[0] == "batch":
                return json.dumps(said[arguments[1]])
            return "\n".join(map(json.dumps, said["dead"])) if arguments[0] == "dead-letters" else json.dumps(said["query"])

        with mock.patch.object(millrace_quality, "_millrace", answer), mock.patch.object(millrace_quality, "MAX_DEAD_LETTERS", 1), mock.patch("builtins.print"):
            millrace_quality.check_quality(self.BEGIN, self.END)

    def test_a_good_day_passes(self):
        self.check()

    def test_each_mistake_fails_the_day(self):
        generation = {"number": 3, "contentOf": None, "checks": [{"name": "unique", "rows": 9}], "drift": []}
        inside = {"appendedAt": pendulum.parse(self.BEGIN).timestamp() * 1000 + 1}
        for said, changed in (
            ("does not hold everything", {"plan": {"unchanged": False, "parent": 3}}),
            ("there is no generation", {"list": []}),
            ("without a check", {"list": [{**generation, "checks": []}]}),
            ("differs from the speed layer in 2 cells", {"list": [{**generation, "drift": [{"view": "v", "status": "list", "total": 2}]}]}),
            ("2 dead letters are more than 1", {"dead": [inside, inside]}),
            ("has no answer", {"query": {"rows": [], "envelope": {"complete": True}}}),
            ("has no answer", {"query": {"rows": [{"plays": 1}], "envelope": {"complete": False}}}),
        ):
            with self.subTest(said), self.assertRaisesRegex(millrace_quality.QualityError, said):
                self.check(**changed)


if __name__ == "__main__":
    unittest.main()

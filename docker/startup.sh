#!/usr/bin/env bash
set -euo pipefail
folder="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=options.sh
. "$folder/options.sh"
read_options "Usage: docker/startup.sh [--profile NAME]...

Starts the containers of a profile in their order, waits until all are healthy, and prints where they are.
Data of the last time are still there.

  --profile NAME  speed, batch, bi, all or monitoring; may be repeated. Default: all
  --help" "" "$@"
need_docker
[ -f "$folder/.env" ] || fail "there is no docker/.env: run docker/setup.sh first"

# Airflow has a run for each day from the first one on. Its full load takes what the first minutes have brought: up to
# the second quarter of an hour from now, since segments end at quarters.
now="$(date +%s)"
set_once MILLRACE_START_DATE "$(instant $((now - now % 86400)))"
set_once MILLRACE_FULL_LOAD_UNTIL "$(instant $((now - now % 900 + 1800)))"

case "${profiles[*]}" in *all* | *bi*) export MILLRACE_PRESTO=presto:8082 ;; esac
compose up --detach --wait --wait-timeout 900

runs=" $(compose ps --services --status running | tr '\n' ' ') "
show() { case "$runs" in *" $1 "*) printf '  %-18s %-28s %s\n' "$2" "$3" "${4:-}" ;; esac; }
case "$runs" in *" superset "*) compose run --rm --no-deps dashboards ;; esac
echo "running:"
show serving "live page" http://localhost:4280 "token: MILLRACE_TOKEN in docker/.env"
show kafka Kafka localhost:9092
show cassandra-1 Cassandra localhost:9042
show namenode HDFS http://localhost:9870
show spark-master Spark http://localhost:8080
show spark-thrift "Spark SQL (Thrift)" localhost:10000
show presto Presto http://localhost:8082
show airflow Airflow http://localhost:8083 "airflow / airflow"
show superset Superset http://localhost:8089 "admin / admin"
show prometheus Prometheus http://localhost:9090
show grafana Grafana http://localhost:3000 "admin / admin"

#!/usr/bin/env bash
set -euo pipefail
folder="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=options.sh
. "$folder/options.sh"
read_options "Usage: docker/shutdown.sh [--profile NAME]... [--delete-data]

Stops the containers of a profile, the last one first. Data stay in their volumes.

  --profile NAME  speed, batch, bi, all or monitoring; may be repeated. Default: all and monitoring
  --delete-data   removes every container, and the volumes with all data
  --help" "--delete-data" "$@"
need_docker
[ -f "$folder/.env" ] || fail "there is no docker/.env: nothing was set up here"

if [ "$extra" = yes ]; then
  profiles=(--profile "*")
  compose down --volumes --remove-orphans
  # The next start is a first one: Airflow's first day is another.
  grep -v -e '^MILLRACE_START_DATE=' -e '^MILLRACE_FULL_LOAD_UNTIL=' "$folder/.env" >"$folder/.env.next" || true
  chmod 600 "$folder/.env.next"
  mv "$folder/.env.next" "$folder/.env"
else
  [ $# -gt 0 ] || profiles=(--profile all --profile monitoring)
  compose stop
fi

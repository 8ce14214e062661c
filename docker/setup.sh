#!/usr/bin/env bash
set -euo pipefail
folder="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=options.sh
. "$folder/options.sh"
read_options "Usage: docker/setup.sh [--profile NAME]...

Makes docker/.env with secrets of its own, builds and pulls the images of a profile, and creates its containers.
Starts nothing: docker/startup.sh does. May be run again at any time.

  --profile NAME  speed, batch, bi, all or monitoring; may be repeated. Default: all
  --help" "" "$@"
need_docker

secret() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }
set_once MILLRACE_TOKEN "$(secret)"
set_once AIRFLOW_JWT_SECRET "$(secret)$(secret)"
set_once SUPERSET_SECRET "$(secret)$(secret)"

compose build
# Of no profile: startup.sh runs it where there is a Superset.
case "${profiles[*]}" in *all* | *bi*) compose build dashboards ;; esac
compose pull --ignore-buildable
compose create
echo "ready: docker/startup.sh ${profiles[*]}"

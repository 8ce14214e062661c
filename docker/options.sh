# Read by setup.sh, startup.sh and shutdown.sh: what they have in common.
# shellcheck shell=bash

PROFILES="speed batch bi all monitoring"

# read_options USAGE EXTRA ARGUMENT...: sets `profiles`, and `extra` to yes where the option EXTRA was given.
read_options() {
  local usage="$1" known="$2"
  shift 2
  profiles=()
  extra=no
  while [ $# -gt 0 ]; do
    case "$1" in
      -h | --help)
        printf '%s\n' "$usage"
        exit 0
        ;;
      --profile=*) add_profile "${1#--profile=}" ;;
      --profile)
        [ $# -gt 1 ] || fail "--profile wants a name: $PROFILES"
        add_profile "$2"
        shift
        ;;
      "$known") extra=yes ;;
      *) fail "there is no option \"$1\" (--help names them)" ;;
    esac
    shift
  done
  [ "${#profiles[@]}" -gt 0 ] || profiles=(--profile all)
}

add_profile() {
  case " $PROFILES " in
    *" $1 "*) profiles+=(--profile "$1") ;;
    *) fail "there is no profile \"$1\": there are $PROFILES" ;;
  esac
}

fail() {
  printf 'error: %s\n' "$1" >&2
  exit 1
}

need_docker() {
  docker compose version >/dev/null 2>&1 || fail '"docker compose" does not run: install Docker with Compose 2.24 or newer, and start it'
}

compose() { docker compose --project-directory "$folder" "${profiles[@]}" "$@"; }

# set_once NAME VALUE: into .env, where it is not there yet.
set_once() {
  if ! grep -q "^$1=" "$folder/.env" 2>/dev/null; then
    (umask 077 && printf '%s=%s\n' "$1" "$2" >>"$folder/.env")
  fi
}

# Of an instant in seconds, as in 2025-01-06T00:00:00+00:00; GNU's date and that of macOS.
instant() { date -u -d "@$1" +%Y-%m-%dT%H:%M:%S+00:00 2>/dev/null || date -u -r "$1" +%Y-%m-%dT%H:%M:%S+00:00; }

#!/usr/bin/env bash
# Provides Python 3.10 or later, and for the tests a virtual environment with what
# servant/python/requirements-test.txt pins.
#
#   setup-python.sh           installs what is missing to build and run the Python servant
#   setup-python.sh test      the same, and what its tests need, into build/python/venv
#   setup-python.sh --check   installs nothing; exit 0 if everything is there, else one line that says what is missing
#                             (also: --check test)
#   setup-python.sh --which   prints the path of the interpreter
#
# PARLEY_NO_INSTALL=1 forbids installing: exit 1 and the exact command to type.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
requirements=$root/servant/python/requirements-test.txt
venv=$root/build/python/venv
readonly oldest=3.10

usage() {
  echo "usage: setup-python.sh [--check | --which] [test]" >&2
  exit 2
}

# The interpreter itself, not a wrapper that finds it anew at each start.
find_python() {
  local name
  for name in python3 python3.14 python3.13 python3.12 python3.11 python3.10 /usr/bin/python3; do
    if command -v "$name" >/dev/null 2>&1 && "$name" -I -S -c '
import os, sys
if sys.version_info < (3, 10): sys.exit(1)
print(os.path.realpath(sys.executable))' 2>/dev/null; then
      return 0
    fi
  done
  return 1
}

has_venv_module() {
  "$python" -I -c 'import ensurepip, venv' 2>/dev/null
}

venv_stamp() {
  echo "$python"
  "$python" -I -S -V
  sha256sum <"$requirements"
}

has_test_packages() {
  [ -x "$venv/bin/pytest" ] && [ -e "$venv/.stamp" ] && [ "$(venv_stamp)" = "$(<"$venv/.stamp")" ]
}

apt() {
  # Another apt may be at work: wait for its lock instead of failing.
  env DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get -q -o DPkg::Lock::Timeout=300 "$@"
}

install_packages() {
  local command_line="apt-get install --no-install-recommends -y $*" log
  if [ "$(id -u)" -ne 0 ]; then command_line="sudo $command_line"; fi
  if ! command -v apt-get >/dev/null 2>&1; then
    echo "python: no Python $oldest or later with its venv module here, and this is not a Debian system; install it: https://www.python.org/downloads" >&2
    exit 1
  fi
  if $check; then
    echo "python: missing $*; get it with: $command_line"
    exit 1
  fi
  if [ "${PARLEY_NO_INSTALL:-}" = 1 ]; then
    echo "python: missing $*, and PARLEY_NO_INSTALL=1 forbids installing; type: $command_line" >&2
    exit 1
  fi
  as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    if ! sudo -n true 2>/dev/null; then
      echo "python: missing $*, and sudo asks for a password here; type: $command_line" >&2
      exit 1
    fi
    as_root=(sudo -n)
  fi
  echo "python: installing $* (Debian packages)" >&2
  log=$(mktemp)
  if ! apt install --no-install-recommends -y "$@" >"$log" 2>&1; then
    # The package lists are old or were never fetched.
    if ! { apt update && apt install --no-install-recommends -y "$@"; } >"$log" 2>&1; then
      echo "python: could not install $*; the last lines of apt-get:" >&2
      tail -n 5 "$log" >&2
      rm -f "$log"
      echo "try by hand: $command_line" >&2
      exit 1
    fi
  fi
  rm -f "$log"
}

install_test_packages() {
  local log
  if $check; then
    echo "python: missing the packages of the tests; get them with: scripts/setup-python.sh test"
    exit 1
  fi
  if [ "${PARLEY_NO_INSTALL:-}" = 1 ]; then
    echo "python: missing the packages of the tests, and PARLEY_NO_INSTALL=1 forbids installing; type: $python -m venv '$venv' && '$venv/bin/pip' install --require-hashes -r '$requirements'" >&2
    exit 1
  fi
  echo "python: installing the packages of the tests into ${venv#"$root"/}" >&2
  mkdir -p "${venv%/*}"
  log=$(mktemp)
  if ! { "$python" -m venv --clear "$venv" &&
    "$venv/bin/pip" install --disable-pip-version-check --require-hashes -r "$requirements"; } >"$log" 2>&1; then
    echo "python: could not install $requirements; the last lines of pip:" >&2
    tail -n 5 "$log" >&2
    rm -f "$log"
    exit 1
  fi
  rm -f "$log"
  venv_stamp >"$venv/.stamp"
}

check=false
which=false
with_tests=false
for word in "$@"; do
  case $word in
    --check) check=true ;;
    --which) which=true ;;
    test) with_tests=true ;;
    *) usage ;;
  esac
done

if ! python=$(find_python); then
  if $which; then exit 1; fi
  packages=(python3)
  if $with_tests; then packages+=(python3-venv); fi
  install_packages "${packages[@]}"
  if ! python=$(find_python); then
    echo "python: the distribution's python3 is older than $oldest; install a later one: https://www.python.org/downloads" >&2
    exit 1
  fi
fi
if $which; then
  echo "$python"
  exit 0
fi
if $with_tests && ! has_test_packages; then
  has_venv_module || install_packages python3-venv
  install_test_packages
fi

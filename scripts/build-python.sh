#!/usr/bin/env bash
# Compiles the Python servant and its ring-probe to bytecode in build/python and makes their launchers in build/bin, only
# when the sources or the interpreter changed. Several builds at once are safe.
#
#   build-python.sh           parley-servant-python, ring-probe-python
#   build-python.sh test      the same, then formatter, linter, types and tests
#   build-python.sh test tests/sdk/test_registry.py -k twice
#                             only those tests, in pytest's words
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
sources=$root/servant/python
out=$root/build/python
bin=$root/build/bin

with_tests=false
case "${1:-}" in
  "") ;;
  test) with_tests=true; shift ;;
  *) echo "usage: build-python.sh [test [WORDS-OF-PYTEST]]" >&2; exit 2 ;;
esac

quoted() {
  printf "'%s'" "${1//\'/\'\\\'\'}"
}

# launcher NAME MODULE: build/bin/NAME runs the module's main(), from wherever it is called. Isolated and without the site
# packages it starts faster, and nothing of the user's can get between. Bytecode lies in build, never beside the sources.
launcher() {
  local path=$bin/$1 text
  text="#!/bin/sh
python=$(quoted "$python")
# Another user may be shut out of where that interpreter lies.
[ -x \"\$python\" ] || python=/usr/bin/python3
[ -x \"\$python\" ] || { echo \"$1: \$python is not there any more; run scripts/build-python.sh\" >&2; exit 127; }
exec \"\$python\" -I -S -X utf8 -X pycache_prefix=$(quoted "$out/bytecode") -c '
import sys
if sys.version_info < (3, 10):
    sys.exit(\"$1: needs Python 3.10 or later; run scripts/build-python.sh\")
root = sys.argv.pop(1)
sys.path += [root + \"/\" + room for room in (\"ring\", \"sdk\", \"steps\", \"probe\")]
from $2.__main__ import main
sys.exit(main())' $(quoted "$sources") \"\$@\""
  if [ ! -e "$path" ] || [ "$text" != "$(<"$path")" ]; then
    printf '%s\n' "$text" >"$path.new"
    chmod +x "$path.new"
    mv "$path.new" "$path"
  fi
}

build() {
  local rooms=("$sources/ring" "$sources/sdk" "$sources/steps" "$sources/probe") current
  current=$("$python" -I -S -V)$'\n'$python$'\n'$(find "${rooms[@]}" -name '*.py' -type f -print0 | LC_ALL=C sort -z |
    xargs -0 sha256sum -- "${BASH_SOURCE[0]}")
  if [ -x "$bin/parley-servant-python" ] && [ -x "$bin/ring-probe-python" ] && [ -e "$out/.stamp" ] &&
    [ "$current" = "$(<"$out/.stamp")" ]; then
    return
  fi
  echo "python: compiling to bytecode" >&2
  "$python" -I -S -X utf8 -X pycache_prefix="$out/bytecode" -m compileall -q "${rooms[@]}" >&2
  launcher ring-probe-python parley_probe
  launcher parley-servant-python parley_steps
  # A wrong step definition is a mistake of the build; the list also compiles every pattern.
  "$bin/parley-servant-python" --list >/dev/null
  printf '%s\n' "$current" >"$out/.stamp"
}

run_tests() {
  local status=0
  cd "$sources"
  export PYTHONPYCACHEPREFIX=$out/bytecode HYPOTHESIS_STORAGE_DIRECTORY=$out/hypothesis
  if [ $# -eq 0 ]; then
    "$out/venv/bin/ruff" format --check --quiet . || { echo "python: format them with: build/python/venv/bin/ruff format servant/python" >&2; status=1; }
    "$out/venv/bin/ruff" check --quiet . || status=1
    "$out/venv/bin/mypy" --no-error-summary ring sdk steps probe tests || status=1
  fi
  "$out/venv/bin/pytest" -q "$@" || status=1
  return $status
}

needs=()
if $with_tests; then needs+=(test); fi
"$root/scripts/setup-python.sh" --check "${needs[@]}" >&2 || exit 1
python=$("$root/scripts/setup-python.sh" --which)
mkdir -p "$out" "$bin"
exec 9>"$out/.lock"
flock 9
build
if $with_tests; then
  # Tests take their time; another build need not wait for them.
  exec 9>&-
  run_tests "$@"
fi

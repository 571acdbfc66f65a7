#!/usr/bin/env bash
# Checks the Go toolchain. Nothing is installed: what distributions package may be
# older than go.mod asks for.
#
#   setup-go.sh            exits 0 if Go is there and new enough, else says what to do
#   setup-go.sh --check    the same
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
wanted=$(sed -n 's/^go //p' go.mod)
if ! command -v go >/dev/null 2>&1; then
  echo "go: Go $wanted or later is missing; install it: https://go.dev/dl" >&2
  exit 1
fi
# Here Go would fetch the toolchain that go.mod asks for, and fails if it cannot.
if ! found=$(go env GOVERSION 2>&1) || [ "$(printf '%s\n' "$wanted" "${found#go}" | sort -V | head -n 1)" != "$wanted" ]; then
  echo "go: Go $wanted or later is needed, and this is not: $found; install it: https://go.dev/dl" >&2
  exit 1
fi

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

#!/usr/bin/env bash
# Builds the Go servant and its ring-probe into build/bin.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# Moved into place when it is complete: a run that starts meanwhile finds the old one.
new=build/bin/.go.$$
trap 'rm -f "$new"' EXIT
for product in parley-servant:parley-servant-go ring-probe:ring-probe-go; do
  CGO_ENABLED=0 go build -trimpath -buildvcs=false -o "$new" "./cmd/${product%:*}"
  mv -f "$new" "build/bin/${product#*:}"
done

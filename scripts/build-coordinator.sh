#!/usr/bin/env bash
# Builds the coordinator into build/bin.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# Moved into place when it is complete: a run that starts meanwhile finds the old one.
new=build/bin/.parley.$$
trap 'rm -f "$new"' EXIT
CGO_ENABLED=0 go build -trimpath -buildvcs=false -o "$new" ./cmd/parley
mv -f "$new" build/bin/parley

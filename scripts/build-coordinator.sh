#!/usr/bin/env bash
# Builds the coordinator into build/bin.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
CGO_ENABLED=0 go build -trimpath -buildvcs=false -o build/bin/parley ./cmd/parley

#!/usr/bin/env bash
# Builds the Go servant and its ring-probe into build/bin.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
CGO_ENABLED=0 go build -trimpath -buildvcs=false -o build/bin/parley-servant-go ./cmd/parley-servant
CGO_ENABLED=0 go build -trimpath -buildvcs=false -o build/bin/ring-probe-go ./cmd/ring-probe

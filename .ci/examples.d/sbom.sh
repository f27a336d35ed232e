#!/usr/bin/env bash
# The example of omg-sbom writes a document, the same bytes every time.
set -euo pipefail
document() {
    cargo run --quiet --locked --example write-sbom -- examples/demo-root 2026-11-24T12:00:00Z
}
says '"pkg:alpm/arch/xz@5.6.1-1?arch=x86_64"' document
[ "$(document | sha256sum)" = "$(document | sha256sum)" ]

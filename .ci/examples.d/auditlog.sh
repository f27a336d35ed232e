#!/usr/bin/env bash
# The examples of omg-auditlog say what they should.
set -euo pipefail
cargo run --quiet --locked --example auditlog-embed | grep -q 'intact, 2 entries, 0 unanchored'
cargo run --quiet --locked --example auditlog-fleet | grep -q 'omg/fleet/61803'

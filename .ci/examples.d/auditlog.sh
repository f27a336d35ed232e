#!/usr/bin/env bash
# The examples of omg-auditlog say what they should.
set -euo pipefail
says 'intact, 2 entries, 0 unanchored' cargo run --quiet --locked --example auditlog-embed
says 'omg/fleet/61803' cargo run --quiet --locked --example auditlog-fleet

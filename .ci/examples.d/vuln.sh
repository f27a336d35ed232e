#!/usr/bin/env bash
# The examples of omg-vuln find what is known, and set aside what a rule names.
set -euo pipefail
feed=examples/demo-root/advisories/arch-tracker.json
says 'AVG-2851' cargo run --quiet --locked --example scan-packages -- "$feed" xz=5.6.1-1
exceptions() {
    cargo run --quiet --locked --example scan-with-exceptions -- \
        "$feed" omg-cli/tests/fixtures/ignore.toml xz=5.6.1-1 firefox=100.0.2-1
}
says '^set aside: ' exceptions

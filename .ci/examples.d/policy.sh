#!/usr/bin/env bash
# The examples of omg-policy decide, say why, and show what layers make of one another.
set -euo pipefail
decide() {
    printf '%s\n' '{"name": "xz", "version": "5.6.1-1", "signature": "trusted"}' \
        | cargo run --quiet --locked --example policy-decide -- \
            omg-policy/tests/vectors/policy.toml 2026-11-24T12:00:00Z
}
says 'xz >=5.6.0, <5.6.2 is banned: CVE-2024-3094' decide
says '^my-tool: warn' cargo run --quiet --locked --example policy-layers

#!/usr/bin/env bash
# The example of omg-pgp says who signed.
set -euo pipefail
vectors=omg-pgp/tests/vectors
says '^omg example' cargo run --quiet --locked --example verify-signature -- \
    "$vectors/data.bin" "$vectors/good.sig" "$vectors/good.cert" 2026-11-24T00:00:00Z
says '^1 of 1 signed' cargo run --quiet --locked --example verify-threshold -- \
    1 "$vectors/data.bin" "$vectors/good.sig" "$vectors/good.cert"

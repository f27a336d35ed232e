#!/usr/bin/env bash
# The public API of each library beside the one that is written down in its public-api.txt. It needs
# a nightly toolchain and cargo-public-api, so it is no part of `.ci/run`.
#
#   .ci/public-api.sh            shows what differs, and exits with 1 if anything does
#   .ci/public-api.sh --write    writes it down anew
set -euo pipefail
cd "$(dirname "$0")/.."
differs=0
for library in vuln pgp slsa sbom secrets auditlog policy; do
    baseline=omg-$library/public-api.txt
    now=$(cargo +nightly public-api --manifest-path "omg-$library/Cargo.toml" --all-features -sss)
    if [ "${1:-}" = --write ]; then
        printf '%s\n' "$now" >"$baseline"
    else
        diff -U 0 --label "$baseline" --label now "$baseline" - <<<"$now" || differs=1
    fi
done
exit "$differs"

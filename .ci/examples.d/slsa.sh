#!/usr/bin/env bash
# The conformance client says by its exit code what a bundle is.
set -euo pipefail
data="${OMG_TEST_DATA:-../shared/data}/slsa/conformance"
beacon=https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon
client() {
    cargo run --quiet --locked --example sigstore-conformance -- verify-bundle \
        --bundle "$data/$1/bundle.sigstore.json" \
        --certificate-identity \
        "$beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main" \
        --certificate-oidc-issuer https://token.actions.githubusercontent.com \
        "$data/a.txt" 2>/dev/null
}
client happy-path-v0.3
if client invalid-checkpoint-signature_fail; then
    echo "a broken bundle was accepted" >&2
    exit 1
fi
rebuilds() {
    cargo build --quiet --locked --example verify-rebuilds
    (cd omg-slsa/tests/vectors/rebuild && "${CARGO_TARGET_DIR:-../../../../target}"/debug/examples/verify-rebuilds \
        2 demo-1.0-1-x86_64.pkg.tar one two three)
}
says '^3 rebuilt these bytes' rebuilds

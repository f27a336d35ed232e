#!/usr/bin/env bash
# The example of omg-sbom's feature `archive` reads a package that dpkg-deb builds.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/tree/DEBIAN" "$work/tree/usr/bin"
printf 'Package: made\nVersion: 1\nArchitecture: all\nMaintainer: Jane <jane@omg.example>\nDescription: x\n' \
    >"$work/tree/DEBIAN/control"
printf '#!/bin/sh\n' >"$work/tree/DEBIAN/postinst"
printf '#!/bin/sh\n' >"$work/tree/usr/bin/made"
chmod 755 "$work/tree/DEBIAN/postinst"
chmod 4755 "$work/tree/usr/bin/made"
dpkg-deb --root-owner-group --build "$work/tree" "$work/made.deb" >/dev/null
example() {
    cargo run --quiet --locked --example read-package -- "$work/made.deb"
}
says 'runs postinst as root' example
says 'rights: "usr/bin/made"' example

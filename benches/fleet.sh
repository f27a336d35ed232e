#!/usr/bin/env bash
# A fleet on one machine: the documents of many hosts, each scanned by a process of its own from a
# saved feed, as many at a time as there are processors.
#
#   benches/fleet.sh [HOSTS [PACKAGES [FOLDER]]]      1,000 hosts of 1,500 packages each
set -euo pipefail
cd "$(dirname "$0")/.."
hosts=${1:-1000} packages=${2:-1500} data=${3:-$(mktemp -d)}
omg=${OMG:-$PWD/target/dist/omg}
[ -x "$omg" ] || cargo build --profile dist --locked --quiet -p omg-cli
export HOME=$data/home XDG_CACHE_HOME=$data/cache
mkdir -p "$HOME" "$data/sbom" "$data/scan"

# Each host has its own choice of a pool of twice as many packages, in versions of its own.
python3 - "$data" "$hosts" "$packages" <<'PY'
import json, pathlib, random, sys
data, hosts, packages = pathlib.Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
chance = random.Random(7)
pool = [f"package-{number}" for number in range(2 * packages)]
groups = []
for number in range(2444):
    names = chance.sample(pool, chance.choice((1, 1, 1, 2, 3)))
    fixed = f"1.{chance.randrange(40)}-1" if chance.random() < 0.9 else None
    groups.append({
        "name": f"AVG-{number + 1}", "packages": names, "status": "Fixed" if fixed else "Vulnerable",
        "severity": chance.choice(("Low", "Medium", "High", "Critical")), "type": "multiple issues",
        "affected": "1.0-1", "fixed": fixed, "ticket": None,
        "issues": [f"CVE-2026-{10000 + number}"], "advisories": [],
    })
(data / "all.json").write_text(json.dumps(groups))
for host in range(hosts):
    components = [
        {"type": "library", "name": name, "version": version, "bom-ref": f"{name}@{version}",
         "purl": f"pkg:alpm/arch/{name}@{version}?arch=x86_64"}
        for name in sorted(chance.sample(pool, packages))
        for version in [f"1.{chance.randrange(20, 60)}-1"]
    ]
    (data / "sbom" / f"host-{host:06}.json").write_text(json.dumps({
        "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
        "metadata": {"timestamp": "2026-11-24T12:00:00Z"}, "components": components,
    }))
PY
size=$(du -sm "$data/sbom" | cut -f 1)
echo "$hosts documents of $packages packages, $size MB"

scan() { # document
    code=0
    "$OMG" audit scan --sbom "$1" --advisories "$DATA/all.json" --no-log --quiet --fail-on none \
        -f json -o "$DATA/scan/$(basename "$1")" || code=$?
    [ "$code" = 0 ] || echo "$1: exit $code" >&2
}
export -f scan
export OMG=$omg DATA=$data
processors=$(nproc)
for round in 1 2; do
    rm -f "$data"/scan/*
    started=$(date +%s%N)
    find "$data/sbom" -name '*.json' -print0 | xargs -0 -P "$processors" -I{} bash -c 'scan {}'
    taken=$((($(date +%s%N) - started) / 1000000))
    found=$(find "$data/scan" -name '*.json' | wc -l)
    echo "round $round: $found results in $taken ms with $processors processes at a time:" \
        "$((hosts * packages * 1000 / taken)) packages/s, $((hosts * 1000 / taken)) hosts/s"
done

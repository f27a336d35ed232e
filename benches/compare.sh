#!/usr/bin/env bash
# Whole programs side by side on the same machine, in one run, as ratios. What is not installed is
# left out and said so.
#
#   benches/compare.sh [FOLDER]      FOLDER keeps the generated data (default: a temporary one)
set -euo pipefail
cd "$(dirname "$0")/.."

for program in cargo hyperfine jq; do
    command -v "$program" >/dev/null || { echo "needs $program" >&2; exit 1; }
done
data=${1:-$(mktemp -d)}
generator=${OMG_TEST_DATA:-../shared/data}/vuln/avg/gen_scale.py
cargo build --profile dist --locked --quiet
omg=$PWD/target/dist/omg
cargo build --profile dist --locked --quiet -p omg-benches --example generate-scale
# A home of its own: neither the user's configuration nor the user's database plays a part.
tools=${OMG_TEST_TOOLS:-$HOME/.cache/omg-ci/bin}
export HOME=$data/home XDG_CACHE_HOME=$data/cache
mkdir -p "$HOME"

# Milliseconds of the fastest and of the median run: the machine may not be quiet.
measure() { # name, command
    hyperfine -N -i --warmup 5 --runs "${RUNS:-100}" --export-json "$data/run.json" "$2" >/dev/null 2>&1
    jq -r --arg name "$1" \
        '.results[0] | "\($name)\t\(.min * 1000)\t\(.median * 1000)"' "$data/run.json" |
        tee -a "$data/results.tsv" |
        awk -F'\t' '{ printf "%-58s min %8.2f ms   median %8.2f ms\n", $1, $2, $3 }'
}
ratio() { # of, to
    awk -F'\t' -v of="$1" -v to="$2" '
        $1 == of { min = $2; median = $3 } $1 == to { tomin = $2; tomedian = $3 }
        END { if (min && tomin) printf "  %s: %.1f times as fast (min), %.1f (median)\n",
              of, tomin / min, tomedian / median }' "$data/results.tsv"
}
: >"$data/results.tsv"

# The stored database is built by omg itself, from what a small server on loopback gives.
mkdir -p "$data/www"
python3 -u - "$data/www" >"$data/port" 2>/dev/null <<'PY' &
import functools, http.server, sys, threading
handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=sys.argv[1])
server = http.server.HTTPServer(("127.0.0.1", 0), handler)
print(server.server_address[1], flush=True)
threading.Timer(1800, server.shutdown).start()
server.serve_forever()
PY
server=$!
trap 'kill $server 2>/dev/null || true' EXIT
until [ -s "$data/port" ]; do sleep 0.1; done
base=http://127.0.0.1:$(cat "$data/port")
stored() { # root: KEV and EPSS are not there, and their absence is none of our concern here
    OMG_ARCH_URL=$base/all.json OMG_OSV_DUMPS_URL=$base OMG_KEV_URL=$base/kev \
        OMG_EPSS_URL=$base/epss "$omg" audit db update --root "$1" >/dev/null || true
}

echo "== start of a process"
measure "/bin/true" /bin/true
measure "omg --version" "$omg --version"

if [ -f "$generator" ] && command -v python3 >/dev/null; then
    echo "== 1,500 packages x 2,444 groups of the Arch tracker, cold process, no network"
    root=$data/arch
    mkdir -p "$root/var/lib/pacman"
    python3 "$generator" 2444 1500 1 "$root/var/lib/pacman"
    feed=$root/var/lib/pacman/all.json
    cp "$feed" "$data/www/all.json"
    stored "$root"
    measure "omg, offline, from the stored database" "$omg audit scan --no-log --offline --root $root"
    measure "omg, from the feed" "$omg audit scan --no-log --root $root --advisories $feed"
    if audit=$(command -v arch-audit || ls "$tools/arch-audit" 2>/dev/null); then
        measure "arch-audit" "$audit --source $feed --dbpath $root/var/lib/pacman"
        ratio "omg, offline, from the stored database" "arch-audit"
        ratio "omg, from the feed" "arch-audit"
    else
        echo "  arch-audit is not installed"
    fi
else
    echo "== the generator of the Arch data or python3 is missing: left out"
fi

echo "== 10,000 packages x 60,000 OSV records, from the prebuilt database"
target/dist/examples/generate-scale "$data/debian" 10000 60000
mkdir -p "$data/www/Debian"
cp "$data/debian/all.zip" "$data/www/Debian/all.zip"
stored "$data/debian/root"
measure "omg, 10,000 x 60,000" "$omg audit scan --no-log --offline --root $data/debian/root"
ls -l "$data/cache/omg/db" | awk '/osv/ { printf "  the database has %.1f MB\n", $5 / 1e6 }'

#!/usr/bin/env bash
# `omg audit secrets` beside other programs on the same folder, in one run, as ratios to ripgrep.
# What is not installed is left out and said so.
#
#   benches/compare-secrets.sh FOLDER [RUNS]      e.g. an unpacked Debian package linux-source
set -euo pipefail
folder=$(realpath "$1")
runs=${2:-5}
cd "$(dirname "$0")/.."
omg=${OMG:-target/dist/omg}
[ -x "$omg" ] || cargo build --profile dist --locked --quiet -p omg-cli
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME=$work
threads=$(nproc)

cat >"$work/literals" <<'EOF'
ghp_
gho_
glpat-
AKIA
ASIA
xoxb-
xoxp-
sk_live_
rk_live_
AIza
npm_
SG.
-----BEGIN
sk-ant-
hf_
dop_v1_
EOF

# Seconds and MiB of the fastest run, after one that is not counted. Runs of all programs take
# turns, so that a disturbance meets each of them.
declare -A command best memory
names=()
add() { # name, program, arguments
    if command -v "$2" >/dev/null; then
        names+=("$1")
        command[$1]="${*:2}"
    else
        echo "$2 is not installed: left out"
    fi
}
add "ripgrep, 16 literals" rg -F -f "$work/literals" --no-ignore --hidden -c -j "$threads" "$folder"
add "omg" "$omg" audit secrets --no-log -p "$folder" --jobs "$threads" -f json
add "kingfisher --turbo" kingfisher scan --turbo --no-update-check --no-validate -j "$threads" "$folder"
add "betterleaks" betterleaks "$folder" --no-color --log-level=error
for run in $(seq 0 "$runs"); do
    for name in "${names[@]}"; do
        # shellcheck disable=SC2086 # words of a command
        /usr/bin/time -f '%e %M' -o "$work/time" ${command[$name]} >/dev/null 2>&1 || true
        read -r seconds kilobytes < <(tail -n 1 "$work/time")
        if [ "$run" = 0 ]; then
            best[$name]=999999
            memory[$name]=0
        else
            best[$name]=$(printf '%s\n%s\n' "$seconds" "${best[$name]}" | sort -g | head -n 1)
            memory[$name]=$(printf '%s\n%s\n' "$kilobytes" "${memory[$name]}" | sort -g | tail -n 1)
        fi
    done
done
for name in "${names[@]}"; do
    awk -v name="$name" -v s="${best[$name]}" -v k="${memory[$name]}" -v rg="${best[ripgrep, 16 literals]:-0}" \
        'BEGIN { printf "%-24s %6.2f s   %5.0f MiB   %s\n", name, s, k / 1024, (rg > 0 ? sprintf("%.1f times ripgrep", s / rg) : "") }'
done

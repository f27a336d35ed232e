#!/usr/bin/env bash
# The HTML report in a real browser: axe-core's rules at three widths, light and dark, and how many
# pages it prints. It needs Debian's chromium, and npm for axe-core, so it is no part of `.ci/run`.
#
#   .ci/browser.sh [REPORT.html]      without a file, the report of examples/demo-root
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if [ "$#" -gt 0 ]; then
    cp "$1" "$work/report.html"
else
    # Exit 1 is that something was found.
    cargo run --quiet --locked -p omg-cli -- audit report --root examples/demo-root --no-log \
        --advisories examples/demo-root/advisories --at 2026-11-24T12:00:00Z \
        -o "html=$work/report.html" >/dev/null || [ "$?" = 1 ]
fi
(cd "$work" && npm pack --silent axe-core@4.14 >/dev/null && tar -xzf axe-core-*.tgz package/axe.min.js)

# The report's policy refuses scripts, as it should; the copy that is examined is without it.
python3 - "$work" <<'PY'
import pathlib
import re
import sys

work = pathlib.Path(sys.argv[1])
report = (work / "report.html").read_text()
policy = re.compile(r'<meta http-equiv="content-security-policy"[^>]*>', re.IGNORECASE)
if not policy.search(report):
    sys.exit("the report has no content-security policy")
report = policy.sub("", report)
axe = (work / "package/axe.min.js").read_text()
run = """axe.run(document, {resultTypes: ["violations"]}).then(function (result) {
  document.documentElement.innerHTML = "<pre>violations: " + result.violations.length + " passes: " +
    result.passes.length + "\\n" + result.violations.map(function (v) {
      return v.id + ": " + v.help + " (" + v.nodes.length + ", " + v.nodes[0].target + ")\\n";
    }).join("") + "</pre>";
});"""
(work / "examined.html").write_text(report + f"<script>{axe}</script><script>{run}</script>")
PY

browser() {
    chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --user-data-dir="$work/profile" \
        "$@" 2>/dev/null
}
failed=0
for scheme in light dark; do
    for width in 320 768 1280; do
        setting=$([ "$scheme" = dark ] && echo 0 || echo 1)
        said=$(browser --window-size="$width,900" --blink-settings="preferredColorScheme=$setting" \
            --virtual-time-budget=60000 --dump-dom "file://$work/examined.html" \
            | sed -n '/<pre>/,/<\/pre>/p' | sed 's/<[^>]*>//g')
        printf '%-5s %4d px  %s\n' "$scheme" "$width" "${said:-nothing was said}"
        case $said in "violations: 0 passes: "[1-9]*) ;; *) failed=1 ;; esac
    done
done
browser --print-to-pdf="$work/report.pdf" "file://$work/report.html" >/dev/null
printf 'printed: %s pages\n' "$(grep -a -c '/Type /Page$\|/Type /Page[^s]' "$work/report.pdf")"
exit "$failed"

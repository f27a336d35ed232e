#!/usr/bin/env bash
# An independent consumer: cyclonedx-python-lib validates our documents strictly, reads them into
# its own model, and finds in them what we wrote. It is installed once, beside the other tools.
set -euo pipefail
consumer="$(dirname "${OMG_TEST_TOOLS:-$HOME/.cache/omg-ci/bin}")/cyclonedx"
if ! "$consumer/bin/python" -c 'import cyclonedx, jsonschema, lxml' 2>/dev/null; then
    python3 -m venv --clear "$consumer"
    "$consumer/bin/pip" install --quiet --disable-pip-version-check \
        'cyclonedx-python-lib[json-validation,xml-validation]==11.12.0'
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
omg() {
    cargo run --quiet --locked -p omg-cli -- "$@" --no-log --at 2026-11-24T12:00:00Z
}
document() {
    omg audit sbom --root examples/demo-root --author 'Jane Doe <jane@example.org>' \
        --advisories examples/demo-root/advisories "$@"
}
openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$work/key.pem" 2>/dev/null \
    || openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$work/key.pem" 2>/dev/null
openssl pkey -in "$work/key.pem" -pubout -out "$work/public.pem"
for version in 1.5 1.6 1.7; do
    # Two expressions in one list, as 1.7 allows them, are beyond this consumer's model.
    conclude=--conclude-licenses
    [ "$version" = 1.7 ] && conclude=
    # shellcheck disable=SC2086 # Nothing, or one word.
    document --spec-version "$version" --files $conclude --sign "$work/key.pem" \
        --vex-output "$work/vex-$version.json" -o "$work/apart-$version.json" 2>/dev/null || [ $? = 3 ]
    document --spec-version "$version" -o "$work/within-$version.json"
    says valid omg audit sbom verify "$work/apart-$version.json" --key "$work/public.pem"
done
document -f cyclonedx-xml -o "$work/within.xml"
"$consumer/bin/python" - "$work" <<'PYTHON'
import json
import pathlib
import sys

from defusedxml import ElementTree
from cyclonedx.model.bom import Bom
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from cyclonedx.validation.xml import XmlValidator

count = 0
for path in sorted(pathlib.Path(sys.argv[1]).glob("*.json")):
    text = path.read_text()
    document = json.loads(text)
    version = SchemaVersion.from_version(document["specVersion"])
    error = JsonStrictValidator(version).validate_str(text)
    assert error is None, f"{path.name}: {error}"
    if path.name.startswith("vex"):
        assert document["vulnerabilities"], path.name
        count += 1
        continue
    bom = Bom.from_json(document)
    bom.validate()
    ours = {c["purl"]: c["version"] for c in document["components"]}
    theirs = {str(c.purl): c.version for c in bom.components}
    assert ours and theirs == ours, f"{path.name}: {ours} {theirs}"
    edges = {d["ref"]: set(d.get("dependsOn", [])) for d in document["dependencies"]}
    read = {d.ref.value: {on.ref.value for on in d.dependencies} for d in bom.dependencies}
    assert read == edges, f"{path.name}: {edges} {read}"
    assert len(bom.vulnerabilities) == len(document.get("vulnerabilities", [])), path.name
    count += 1
xml = (pathlib.Path(sys.argv[1]) / "within.xml").read_text()
error = XmlValidator(SchemaVersion.V1_5).validate_str(xml)
assert error is None, f"within.xml: {error}"
assert len(Bom.from_xml(ElementTree.fromstring(xml)).components) > 0
print(f"{count} documents in JSON and one in XML: valid, and read as they were written")
PYTHON

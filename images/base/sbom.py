"""Prints what an image holds as CycloneDX 1.5 JSON: Debian's and Python's packages, in one order, without a date.

The same packages give the same bytes, so that two builds are compared by comparing this.
"""

import json
import subprocess
from importlib.metadata import distributions
from pathlib import Path


def debian():
    rows = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Package}\t${Version}\t${Architecture}\n"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for name, version, architecture in (row.split("\t") for row in rows.splitlines()):
        yield {
            "type": "library",
            "name": name,
            "version": version,
            "purl": f"pkg:deb/debian/{name}@{version}?arch={architecture}",
        }


def python():
    for found in distributions(path=[str(path) for path in Path("/opt/venv/lib").glob("python3*/site-packages")]):
        name, version = found.metadata["Name"].lower().replace("_", "-"), found.version
        row = {"type": "library", "name": name, "version": version, "purl": f"pkg:pypi/{name}@{version}"}
        licence = found.metadata.get("License-Expression")
        yield row | ({"licenses": [{"expression": licence}]} if licence else {})


def main():
    components = sorted([*debian(), *python()], key=lambda row: row["purl"])
    print(
        json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1, "components": components}, indent=1)
    )


main()

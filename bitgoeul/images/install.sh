#!/bin/sh
# Installs one requirement into /opt/venv: from the folder of wheels alone if it has any, else from the index.
set -eu
umask 022
cd /opt/wheels
offline=""
[ "$(ls ./*.whl | wc -l)" -le 1 ] || offline="--no-index"
python -m pip install -q --disable-pip-version-check --no-cache-dir --no-compile $offline --find-links /opt/wheels -c constraints.txt "$1"
# rfc3987-syntax compiles 35 parsers whenever jsonschema is imported: more than half of a lab's start. Nothing needs lark then.
python -m pip uninstall -q -y rfc3987-syntax lark 2>/dev/null || true
# Bytecode that does not look at dates: it stays right when an image is copied, and two builds are alike.
# Packages' own tests, a third of all files, are never imported.
python -m compileall -q -j 0 -x '/tests/' --invalidation-mode unchecked-hash /opt/venv/lib >/dev/null || true
rm -rf /opt/bitgoeul
ln -s "$(python -c 'import pathlib, sysconfig; print(pathlib.Path(sysconfig.get_path("purelib")) / "bitgoeul")')" /opt/bitgoeul

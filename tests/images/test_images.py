"""Built images, by the real engine and without any network. What is promised of an image holds for all that stand on it."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from bitgoeul.images import building, offline
from bitgoeul.images.context import context
from bitgoeul.images.rules import line, read
from tests.fakes.docker_engine import Engine
from tests.fakes.docker_images import Built

WARM = "import time, sys; t = time.process_time(); import jupyterlab.labapp, jupyterhub.singleuser.extension; print(time.process_time() - t)"


def run(engine: Engine, name: str, *command: str, **options) -> str:
    with engine.client() as client:
        return client.containers.run(
            f"bitgoeul/{name}:tests", list(command), remove=True, network_mode="none", **options
        ).decode()


def standing_on(parent: str, root: Path, images: Built) -> list[str]:
    tree = read(root / "images")
    return [name for name in images.measured if parent in line(name, tree)]


def test_an_air_gapped_build_needs_no_registry_and_no_index(images: Built) -> None:
    assert images.how.network == "none"
    assert set(images.measured) == {"base", "notebook", "grader"}
    assert any("Step 1/" in line for line in images.said)


def test_whoever_runs_an_image_is_not_root_and_cannot_become_it(engine: Engine, root: Path, images: Built) -> None:
    for name in standing_on("base", root, images):
        assert run(engine, name, "id", "-u").strip() == "20100"
        assert run(engine, name, "find", "/usr", "/bin", "/opt", "-xdev", "-perm", "/6000", "-type", "f") == ""


def test_korean_is_spoken_and_drawn(engine: Engine, root: Path, images: Built) -> None:
    for name in standing_on("base", root, images):
        assert "ko_KR.utf8" in run(engine, name, "locale", "-a")
        assert "Nanum" in run(engine, name, "find", "/usr/share/fonts", "-name", "*.ttf")
    for name in standing_on("notebook", root, images):
        assert "jupyterlab-language-pack-ko-kr" in run(engine, name, "python", "-m", "pip", "list").lower()


def test_bytecode_is_there_and_valid_though_nothing_may_be_written(engine: Engine, root: Path, images: Built) -> None:
    for name in standing_on("notebook", root, images):
        flags = "import jupyterlab.labapp as m; d = open(m.__cached__, 'rb').read(8); print(int.from_bytes(d[4:], 'little'))"
        assert run(engine, name, "python", "-c", flags, read_only=True).strip() == "1"  # unchecked hash


def test_no_import_doubles_the_start(engine: Engine, root: Path, images: Built) -> None:
    for name in standing_on("notebook", root, images):
        lists = run(engine, name, "python", "-m", "pip", "list").lower()
        assert "rfc3987-syntax" not in lists
        assert "lark" not in lists.split()
        assert float(run(engine, name, "python", "-c", WARM)) < 3
        assert run(engine, name, "python", "-m", "pip", "check").strip() in ("No broken requirements found.", "")


def test_kernels_are_spoken_to_by_ipc(engine: Engine, root: Path, images: Built) -> None:
    ask = "import glob; exec(open('/opt/venv/etc/jupyter/jupyter_server_config.py').read().replace('get_config()', '__import__(\"traitlets.config\").config.Config()')); print(c.ConnectionFileMixin.transport)"
    for name in standing_on("notebook", root, images):
        assert run(engine, name, "python", "-c", ask).strip() == "ipc"


def test_the_list_of_packages_is_whole(engine: Engine, images: Built) -> None:
    with engine.client() as client:
        listed = building.sbom(client, "notebook", "tests")
    pip = json.loads(run(engine, "notebook", "python", "-m", "pip", "list", "--format=json"))
    debian = run(engine, "notebook", "dpkg-query", "-W", "-f", "${Package}@${Version}\n").splitlines()
    purls = {one["purl"].split("?")[0] for one in listed["components"]}

    assert listed["bomFormat"] == "CycloneDX"
    assert {f"pkg:pypi/{one['name'].lower().replace('_', '-')}@{one['version']}" for one in pip} <= purls
    assert {f"pkg:deb/debian/{one}" for one in debian} <= purls


def test_the_same_inputs_give_the_same_packages(engine: Engine, root: Path, images: Built) -> None:
    """The notebook's installing stage is enough: what comes after it only copies."""
    tree = read(root / "images")
    with engine.client() as client:
        building.build(client, tree, ["base"], replace(images.how, tag="again", fresh=True), lambda _line: None)
        with context(tree["notebook"], images.how.sources) as tar:
            again, _ = client.images.build(
                fileobj=tar,
                custom_context=True,
                target="build",
                nocache=True,
                network_mode="none",
                buildargs={"TAG": "again"},
            )
        listed = client.containers.run(again.id, ["python3", "/opt/build/sbom.py"], remove=True, network_mode="none")

        assert json.loads(listed) == building.sbom(client, "notebook", "tests")
        client.images.remove(again.id, force=True)


def test_the_table_tells_size_and_start(images: Built) -> None:
    table = building.table(images.measured.values())

    assert "| notebook | base |" in table
    assert 0.2 < images.measured["notebook"].startup_seconds < 10


def test_a_build_that_fails_says_at_which_step(engine: Engine, images: Built, tmp_path: Path) -> None:
    (tmp_path / "base").mkdir()
    (tmp_path / "base/Dockerfile").write_text("ARG BASE\nFROM ${BASE}\nRUN echo so far && exit 3\n")
    with engine.client() as client, pytest.raises(building.ImageFailed, match=r"so far(.|\n)*code: 3"):
        building.build(client, read(tmp_path), [], images.how, lambda _line: None)


def test_a_base_that_lacks_something_is_told_when_nothing_can_be_fetched(
    engine: Engine, root: Path, images: Built, tmp_path: Path
) -> None:
    shutil.copytree(root / "images/base", tmp_path / "base")
    script = tmp_path / "base/system.sh"
    script.write_text(script.read_text().replace('wanted="', 'wanted="cowsay '))
    with engine.client() as client, pytest.raises(building.ImageFailed, match="bitgoeul images debootstrap"):
        building.build(client, read(tmp_path), [], images.how, lambda _line: None)


def test_a_companys_certificate_is_trusted(engine: Engine, root: Path, images: Built, tmp_path: Path) -> None:
    authority = tmp_path / "company.pem"
    authority.write_text(certificate())
    how = replace(images.how, tag="ca", sources=replace(images.how.sources, certificates=(authority,)))
    with engine.client() as client:
        building.build(client, read(root / "images"), ["base"], how, lambda _line: None)
        inside = client.containers.run(
            "bitgoeul/base:ca", ["cat", "/etc/ssl/certs/ca-certificates.crt"], remove=True, network_mode="none"
        )
        client.images.remove("bitgoeul/base:ca", force=True)

    assert authority.read_text().strip() in inside.decode()


def certificate() -> str:
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "A company")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=1))
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    return made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


def test_a_folder_without_wheels_is_refused(engine: Engine, root: Path, images: Built, tmp_path: Path) -> None:
    how = replace(images.how, sources=replace(images.how.sources, wheels=tmp_path))
    with engine.client() as client, pytest.raises(Exception, match="has no wheel"):
        building.build(client, read(root / "images"), ["base"], how, lambda _line: None)


def test_what_the_base_wants_is_what_debootstrap_brings(root: Path) -> None:
    assert f'wanted="{" ".join(offline.PACKAGES)}"' in (root / "images/base/system.sh").read_text()

"""Bundles: what strangers send is refused for one clear reason, what we write is always the same."""

from __future__ import annotations

import io
import tarfile
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bitgoeul.errors import BitgoeulError, InputError, TooLarge
from bitgoeul.exchange import bundle

LIMITS = bundle.Limits(files=20, notebook_bytes=10_000)


def scan(data: bytes) -> dict[str, bytes]:
    file = io.BytesIO(data)
    return bundle.read(file, bundle.scan(file, LIMITS))


def tar(*members: tarfile.TarInfo | str, form: int = tarfile.PAX_FORMAT) -> bytes:
    """A tar made by the standard library, of names or of whole headers."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as archive:
        for member in members:
            info = tarfile.TarInfo(member) if isinstance(member, str) else member
            archive.addfile(info, io.BytesIO(b"x" * info.size))
    return out.getvalue()


def info(name: str, **values: object) -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    for key, value in values.items():
        setattr(made, key, value)
    return made


names = st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters="/\\"), min_size=1, max_size=60).map(
    lambda text: unicodedata.normalize("NFC", text)
)
trees = st.dictionaries(st.builds("d{0}/{1}".format, st.integers(0, 3), names), st.binary(max_size=2000), max_size=8)


@given(trees)
def test_what_is_written_is_read_again_by_us_and_by_everybody(files):
    data = bundle.write(files)
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        theirs = {m.name: archive.extractfile(m).read() for m in archive.getmembers()}

    assert theirs == files
    try:
        ours = scan(data)
    except InputError as error:
        told = error.text.en
        assert not files or "told apart" in told or "cannot be used" in told
    else:
        assert ours == files


@given(trees)
def test_the_same_files_give_the_same_bytes(files):
    turned = dict(reversed(files.items()))

    assert bundle.write(turned) == bundle.write(files)


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_every_common_kind_of_tar_is_read(form):
    long = "d" * 60 + "/" + "b" * 80 + ".csv"

    assert set(scan(tar("a.ipynb", long, "과제/답.txt", form=form))) == {"a.ipynb", long, "과제/답.txt"}


@pytest.mark.parametrize(
    "name",
    [
        "../x",
        "/etc/passwd",
        "a/../../x",
        "a/./b",
        "a//b",
        "./a",
        "",
        "a\\b",
        "C:\\x",
        "a\nb",
        "a\x7fb",
        "a\u202eb",  # turns the reading direction round
        "a\u200bb",
        "a\ufeff",
        unicodedata.normalize("NFD", "과제.ipynb"),
        "a/" * 40 + "b",
        "x" * 300,
        " a",
        "a ",
        "a /b",
    ],
)
def test_a30_a_name_that_is_not_plainly_inside_is_refused(name):
    with pytest.raises(InputError):
        bundle.check_name(name)


def test_a30_a_name_that_climbs_out_is_refused_in_a_bundle_too():
    with pytest.raises(InputError, match="relative path"):
        scan(tar("../../x"))


@pytest.mark.parametrize(
    "pair",
    [
        ("a.py", "a.py"),
        ("A.py", "a.py"),
        ("x", "x/y"),
        ("x/y", "x"),
        ("Dir/a", "dir/b"),
        ("ﬁle", "file"),  # a ligature
        ("straße", "STRASSE"),
        ("①.py", "1.py"),
    ],
)
def test_names_that_cannot_be_told_apart_are_refused(pair):
    with pytest.raises(InputError, match="told apart"):
        scan(tar(*pair))


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (tarfile.SYMTYPE, "symbolic link"),
        (tarfile.LNKTYPE, "hard link"),
        (tarfile.CHRTYPE, "device"),
        (tarfile.BLKTYPE, "device"),
        (tarfile.FIFOTYPE, "pipe"),
        (tarfile.DIRTYPE, "folder entry"),
        (tarfile.GNUTYPE_SPARSE, "unknown kind"),
        (tarfile.XGLTYPE, "unknown kind"),
        (tarfile.CONTTYPE, "unknown kind"),
    ],
)
def test_only_regular_files_are_taken(kind, told):
    header = info("a", linkname="/etc/passwd").tobuf()[:156] + kind + info("a", linkname="/etc/passwd").tobuf()[157:]

    with pytest.raises(InputError, match=told):
        scan(_summed(header) + bytes(1024))


def _summed(header: bytes) -> bytes:
    total = sum(header[:148]) + 8 * 32 + sum(header[156:])
    return header[:148] + b"%06o\0 " % total + header[156:]


@pytest.mark.parametrize("key", ["size", "linkpath", "GNU.sparse.name", "hdrcharset"])
def test_pax_headers_that_change_the_meaning_are_refused(key):
    with pytest.raises(InputError, match="header holds"):
        scan(tar(info("a", pax_headers={key: "5"})))


def test_pax_headers_that_change_nothing_are_passed_over():
    header = {"mtime": "1.5", "LIBARCHIVE.xattr.x": "y", "comment": "z"}

    assert scan(tar(info("a", pax_headers=header))) == {"a": b""}


def test_a_huge_pax_header_is_not_loaded():
    with pytest.raises(InputError, match="too long"):
        scan(tar(info("a", pax_headers={"comment": "x" * 100_000})))


def test_too_many_files_are_told_with_the_number():
    with pytest.raises(TooLarge, match="At most 20 files"):
        scan(tar(*[f"f{n}" for n in range(21)]))


def test_a_notebook_over_its_limit_is_told():
    with pytest.raises(TooLarge, match=r"a\.ipynb"):
        scan(tar(info("a.ipynb", size=10_001)))

    assert len(scan(tar(info("a.csv", size=10_001)))["a.csv"]) == 10_001


def test_an_empty_bundle_is_told():
    with pytest.raises(InputError, match="no file"):
        scan(tar())


@given(st.binary(max_size=3000))
def test_noise_is_refused_and_never_crashes(data):
    with pytest.raises(BitgoeulError):
        scan(data)


@given(st.integers(0, 5 * 512), st.binary(min_size=1, max_size=8))
def test_a_damaged_bundle_is_refused_or_means_something_harmless(position, noise):
    whole = tar("a.ipynb", info("data/b.csv", size=600))
    data = whole[:position] + noise + whole[position + len(noise) :]
    try:
        found = scan(data)
    except BitgoeulError:
        return

    for name in found:
        bundle.check_name(name)


@given(st.integers(0, 4 * 512))
def test_a_bundle_that_is_cut_off_is_refused(length):
    whole = bundle.write({"a.ipynb": b"x" * 600, "b": b"y"})

    with pytest.raises(BitgoeulError):
        scan(whole[:length])


def test_nothing_may_follow_the_end():
    with pytest.raises(InputError, match="follows its end"):
        scan(tar("a") + tar("b"))


def test_a_size_that_points_beyond_the_end_is_refused():
    with pytest.raises(InputError, match="cut off"):
        scan(_summed(info("a", size=8**11 - 1).tobuf(tarfile.USTAR_FORMAT)) + bytes(1024))


def test_a_subtree_becomes_a_bundle_of_its_own():
    file = io.BytesIO(bundle.write({"release/ko/a": b"1", "release/ko/d/b": b"2", "source/ko/a": b"3"}))
    inner = b"".join(bundle.subtree(file, bundle.scan(file, LIMITS), "release/ko"))

    assert inner == bundle.write({"a": b"1", "d/b": b"2"})


@pytest.mark.parametrize(
    "names", [("a",), ("release/a",), ("release/fr/a",), ("source/ko/a",), ("release/ko/a", "source/en/a")]
)
def test_a_release_bundle_holds_releases_and_their_sources_only(names):
    file = io.BytesIO(bundle.write(dict.fromkeys(names, b"x")))

    with pytest.raises(InputError, match="release/<language>/"):
        bundle.parts(bundle.scan(file, LIMITS))

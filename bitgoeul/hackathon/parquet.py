"""Parquet becomes CSV, in a process of its own inside bubblewrap: a decoder in C++ meets bytes that anybody may send.

There it has no network, no file but what Python needs, a bound on memory, time and output; a crash or a bomb in the file
ends that process and is a fault of the file. Whatever comes out is read as hostile as any CSV.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from bitgoeul.errors import AnswerError, AnswerFault, SandboxUnavailable, Text
from bitgoeul.grading.launch import SYSTEM_PATH, find_bwrap, python_folders, system_links

MAGIC = b"PAR1"
SECONDS = 20
MEMORY_KB = 3 << 20  # of addresses: what pyarrow maps at its start is a third of it
LIMITS = f'ulimit -c 0; ulimit -t {SECONDS}; ulimit -v {MEMORY_KB}; ulimit -f {{blocks}}; exec nice -n 5 "$@"'
PROGRAM = """
import sys
import pyarrow as pa, pyarrow.csv as csv, pyarrow.parquet as pq
pa.set_cpu_count(1), pa.set_io_thread_count(1)

def refuse(code):
    sys.stdout.buffer.write(b"!" + code.encode()); sys.stdout.flush(); sys.exit(0)

def flat(kind):
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    if pa.types.is_floating(kind):
        return pa.float64()
    if pa.types.is_integer(kind):
        return kind
    return pa.string() if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_boolean(kind) or pa.types.is_null(kind) else None

most_rows, most_columns = int(sys.argv[1]), int(sys.argv[2])
try:
    file = pq.ParquetFile(pa.BufferReader(sys.stdin.buffer.read()), thrift_string_size_limit=10_000_000, thrift_container_size_limit=100_000, pre_buffer=False)
    schema = file.schema_arrow
    kinds = [flat(field.type) for field in schema]
    if len(kinds) > most_columns: refuse("columns")
    if None in kinds: refuse("nested:" + schema.names[kinds.index(None)])
    if file.metadata.num_rows > most_rows: refuse("rows")
    read = 0
    with csv.CSVWriter(sys.stdout.buffer, pa.schema(list(zip(schema.names, kinds)))) as writer:
        for batch in file.iter_batches(65536, use_threads=False):
            read += batch.num_rows
            if read > most_rows: break
            writer.write(pa.table([column.cast(kind) for column, kind in zip(batch.columns, kinds)], names=schema.names))
except (pa.ArrowException, OSError, ValueError, MemoryError, UnicodeError):
    sys.exit(3)
"""


def to_csv(data: bytes, *, most_rows: int, most_columns: int, most_bytes: int) -> bytes:
    """The same table as CSV; raise `AnswerError` for what is no flat table of numbers and texts within the limits."""
    bwrap = find_bwrap()
    if bwrap is None:
        raise SandboxUnavailable(
            ko="이 컴퓨터에는 Parquet을 안전하게 읽을 격리 환경이 없습니다. CSV로 다시 내세요.",
            en="This machine has no sandbox to read Parquet in. Hand in a CSV instead.",
        )
    with tempfile.TemporaryFile() as sent, tempfile.TemporaryFile() as made:
        sent.write(data)
        sent.seek(0)
        program = [sys.executable, "-I", "-c", PROGRAM, str(most_rows), str(most_columns)]
        command = ["sh", "-c", LIMITS.format(blocks=most_bytes // 512 + 1), "sh", *_walls(bwrap), "--", *program]
        try:
            ended = subprocess.run(
                command,
                stdin=sent,
                stdout=made,
                stderr=subprocess.DEVNULL,
                env={"PATH": SYSTEM_PATH},
                timeout=SECONDS,
                check=False,
            )
            code = ended.returncode
        except subprocess.TimeoutExpired:
            code = -1
        made.seek(0)
        found = made.read(most_bytes + 1)
    if code != 0 or len(found) > most_bytes or found.startswith(b"!"):
        raise AnswerError([_fault(found if code == 0 else b"", too_much=len(found) >= most_bytes)])
    return found


def _walls(bwrap: str) -> list[str]:
    """Only Python and its libraries, read-only; no network, no other process."""
    options = [
        bwrap,
        "--unshare-all",
        "--die-with-parent",
        "--new-session",
        "--clearenv",
        "--setenv",
        "LANG",
        "C.UTF-8",
    ]
    options += ["--setenv", "OMP_NUM_THREADS", "1", "--setenv", "ARROW_DEFAULT_MEMORY_POOL", "system"]
    for path in (Path("/usr"), *python_folders()):
        options += ["--ro-bind", str(path), str(path)]
    options += system_links()
    if Path("/etc/ld.so.cache").exists():
        options += ["--ro-bind", "/etc/ld.so.cache", "/etc/ld.so.cache"]
    return [*options, "--proc", "/proc", "--dev", "/dev", "--chdir", "/"]


def _fault(told: bytes, *, too_much: bool) -> AnswerFault:
    code, _, name = told[1:200].decode(errors="replace").partition(":")
    texts = {
        "columns": Text(
            "열이 너무 많습니다. 견본 파일의 열만 남기세요.",
            "There are too many columns. Keep those of the sample file.",
        ),
        "rows": Text(
            "행이 너무 많습니다. 견본 파일의 id만 남기세요.",
            "There are too many rows. Keep the ids of the sample file.",
        ),
        "nested": Text(
            f"열 {name!r}에는 수나 글자만 넣을 수 있는데 목록, 날짜 따위가 들어 있습니다. 수나 글자로 바꾸세요.",
            f"The column {name!r} takes plain numbers or texts; it holds lists, dates or the like. Turn them into those.",
        ),
    }
    if told.startswith(b"!") and code in texts:
        return AnswerFault(f"parquet-{code}", texts[code])
    if too_much:
        return AnswerFault(
            "too-large",
            Text(
                "Parquet을 풀면 너무 큽니다. 열과 글자를 줄이세요.", "Unpacked, the Parquet is too large. Shorten it."
            ),
        )
    return AnswerFault(
        "bad-parquet",
        Text(
            "Parquet 파일로 읽을 수 없습니다(깨졌거나 너무 큽니다). 다시 저장하거나 CSV로 내세요.",
            "This cannot be read as Parquet (broken, or too large). Save it again, or hand in a CSV.",
        ),
    )

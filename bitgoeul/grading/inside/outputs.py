"""What is kept of a cell's outputs: nbclient's rules, with limits."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Any

from nbclient import NotebookClient
from nbformat.v4 import new_output

Say = Callable[..., None]
CUT = "\n... 출력이 너무 길어 여기에서 잘랐습니다. / The output was too long and is cut here. ...\n"
MOST_OUTPUTS = 1000
FLOOD = 50_000_000
LONGEST_RESULT = 1_000
LONGEST_FRAME = 5_000
MOST_FRAMES = 15
_COUNTED = ("stream", "display_data", "execute_result", "update_display_data", "comm_open", "comm_msg")


class Outputs(NotebookClient):
    """nbclient's way from messages to outputs, with a limit on what is kept of a notebook's output."""

    room = 0
    kept = 0
    seen = 0

    def begin(self, room: int) -> None:
        """Get ready for the next cell."""
        self.room, self.kept, self.seen = room, 0, 0
        self.clear_before_next_output = False

    @property
    def left(self) -> int:
        """What room the cell leaves for those below it; none once something was cut."""
        return max(0, self.room - self.kept) if self.room else 0

    def process_message(self, msg: Any, cell: Any, cell_index: int) -> Any:
        """Keep outputs while there is room; errors and short results always."""
        kind = msg["msg_type"]
        if kind in _COUNTED:
            size = weight(msg)
            before, self.seen = self.seen, self.seen + size
            if before <= FLOOD < self.seen:
                self.flood()
            short_result = kind == "execute_result" and size < LONGEST_RESULT
            if not short_result and (self.kept + size > self.room or len(cell.outputs) >= MOST_OUTPUTS):
                return self.cut(cell, msg["content"] if kind == "stream" else {})
            self.kept += size
        elif kind == "error":
            shorten_error(msg["content"], whole=self.kept + weight(msg) <= self.room)
            self.kept += weight(msg)
        result = super().process_message(msg, cell, cell_index)
        if kind == "clear_output":
            self.kept = 0
        return result

    def flood(self) -> None:
        """Stop a cell that does nothing but print."""
        raise NotImplementedError

    def cut(self, cell: Any, content: dict[str, Any]) -> None:
        """Keep the beginning of a text, and mark once that output is missing; nothing later is kept either."""
        if self.room and (head := str(content.get("text", ""))[: max(0, self.room - self.kept)]):
            cell.outputs.append(new_output("stream", name="stdout", text=head))
        if self.room:
            cell.outputs.append(new_output("stream", name="stderr", text=CUT))
        self.room = 0


def add_error_of_reply(cell: Any, reply: dict[str, Any]) -> str:
    """Add the error that a reply tells of when no output does; give the cell's status."""
    told = [found for found in cell.outputs if found.output_type == "error"]
    if reply["status"] == "error" and not any(found.ename == reply["ename"] for found in told):
        shorten_error(reply, whole=True)
        lines = reply["traceback"] or [f"{reply['ename']}: {reply['evalue']}"]
        cell.outputs.append(new_output("error", ename=reply["ename"], evalue=reply["evalue"], traceback=lines))
        return "error"
    return "error" if told else "ok"


def disk_is_full(folder: str) -> bool:
    """Tell whether the job used up its bytes or its number of files."""
    room = os.statvfs(folder)
    return room.f_bavail * room.f_frsize < 65536 or room.f_favail < 1


def weight(message: dict[str, Any]) -> int:
    """The bytes that one message would take in a notebook."""
    content = message["content"]
    if message["msg_type"] == "stream" and isinstance(content.get("text"), str):
        return len(content["text"])
    return len(json.dumps(content, default=repr)) + sum(map(len, message.get("buffers") or ()))


def shorten_error(content: dict[str, Any], *, whole: bool) -> None:
    """Keep an error readable: a hundred frames at most, and only its last line where there is no room for more."""
    lines = [str(line)[:LONGEST_FRAME] for line in content.get("traceback") or []]
    if len(lines) > 100:
        lines = [*lines[:50], "... Traceback truncated ...", *lines[-49:]]
    content["traceback"] = lines if whole else [line[:LONGEST_RESULT] for line in lines[-1:]]
    content["ename"] = str(content.get("ename", ""))[:200]
    content["evalue"] = str(content.get("evalue", ""))[: LONGEST_FRAME if whole else LONGEST_RESULT]


def prune_recursion(shell: Any) -> None:
    """A RecursionError has some 3,000 frames, and formatting them costs 20 s; the ends say all there is to say."""

    def cut(value: Any, seen: set[int]) -> None:
        while value is not None and id(value) not in seen:
            seen.add(id(value))
            frames, frame = [], value.__traceback__
            while frame is not None:
                frames.append(frame)
                frame = frame.tb_next
            if len(frames) > 2 * MOST_FRAMES:
                frames[MOST_FRAMES - 1].tb_next = frames[-MOST_FRAMES]
            cut(value.__cause__, seen)
            value = value.__context__

    def handler(shell: Any, kind: Any, value: Any, trace: Any, tb_offset: Any = None) -> None:
        cut(value, set())
        shell.showtraceback((kind, value, value.__traceback__), tb_offset=tb_offset)

    shell.set_custom_exc((RecursionError,), handler)

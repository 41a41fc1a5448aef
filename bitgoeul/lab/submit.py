"""Handing in: the bytes are kept until the service's receipt for exactly these bytes has come."""

from __future__ import annotations

import difflib
from pathlib import Path

from nbgrader.exchange.abc import ExchangeSubmit as ABCExchangeSubmit
from nbgrader.utils import find_all_notebooks

from bitgoeul import wire
from bitgoeul.errors import Text
from bitgoeul.lab.base import ServiceExchange
from bitgoeul.lab.bundle import write_whole
from bitgoeul.lab.client import Failed
from bitgoeul.lab.outbox import Parcel


class ExchangeSubmit(ServiceExchange, ABCExchangeSubmit):  # type: ignore[misc]  # nbgrader ships no types
    """`nbgrader submit` and the panel's Submit button."""

    receipt: wire.Receipt | None = None
    receipt_path: Path | None = None

    def init_src(self) -> None:
        """Find the work."""
        self.src_path = self.work_path
        self.coursedir.assignment_id = self.src_path.name
        if not self.src_path.is_dir():
            near = difflib.get_close_matches(self.src_path.name, _folders(self.src_path.parent), 1)
            hint_ko, hint = (f" 혹시 {near[0]} 인가요?", f" Did you mean {near[0]}?") if near else ("", "")
            self.refuse(
                Text(
                    f"과제 폴더가 없습니다: {self.src_path}{hint_ko} 먼저 과제를 받으세요.",
                    f"Assignment not found at: {self.src_path}{hint} Fetch it first.",
                )
            )

    def init_dest(self) -> None:
        """Check the names. Whether we may is the service's to say."""
        student = self.coursedir.student_id
        if student != "*" and set(student) & set("*+"):
            self.fail(f"The student ID should contain no '*' nor '+'; got {student}")
        user = self.client.me().user if self.course and student != "*" else student
        if user != student:
            self.refuse(
                Text(
                    f"{user} 님으로 로그인했으므로 {student} 님의 이름으로는 낼 수 없습니다.",
                    f"You are signed in as {user}, so nothing can be handed in for {student}.",
                )
            )

    def copy_files(self) -> None:
        """Pack, send, keep the receipt."""
        self.check_filename_diff()
        parcel = self.outbox.parcel(self.course, self.assignment, self.files(self.src_path))
        receipt = self._send(parcel)
        self.receipt = receipt
        self._keep(receipt)
        late = receipt.late_seconds
        if late > 0:
            self.log.warning(self.say(Text(f"마감보다 {late:.0f}초 늦었습니다.", f"Late by {late:.0f} seconds.")))
        self.log.info("Submitted as: %s %s %s", receipt.course, receipt.assignment, self.stamp(receipt.begun_at))

    def check_filename_diff(self) -> None:
        """Compare the notebooks with the release's; with `strict`, a missing one is a failure."""
        released = next((r for r in self.client.assignments(self.course) if r.assignment == self.assignment), None)
        if released is None:
            return  # the service says with a reason whether it takes this
        expected = {_notebook(name) for name in released.notebooks}
        present = set(find_all_notebooks(str(self.src_path)))
        missing, extra = sorted(expected - present), sorted(present - expected)
        if missing and self.strict:
            self.refuse(
                Text(
                    f"{self.assignment} 과제를 내지 않았습니다. 빠진 노트북: {', '.join(missing)}",
                    f"Assignment {self.assignment} not submitted. Missing notebooks: {', '.join(missing)}",
                )
            )
        if missing or extra:
            self.log.warning(
                self.say(
                    Text(
                        f"배포한 과제와 노트북이 다릅니다. 빠짐: {missing}, 더 있음: {extra}",
                        f"Notebooks differ from the release. Missing: {missing}, extra: {extra}",
                    )
                )
            )

    def _send(self, parcel: Parcel) -> wire.Receipt:
        try:
            how = {"sha256": parcel.sha256, "key": parcel.key}
            version = self.outbox.begun_from(self.course, self.assignment)
            return self.client.submit(self.course, self.assignment, parcel.tar, **how, version=version)
        except Failed as failure:
            if not failure.passing:
                self.outbox.refused(parcel)
            raise Failed(_not_received(failure), status=failure.found_status, code=failure.found_code) from None

    def _keep(self, receipt: wire.Receipt) -> None:
        """Keep receipt and copy. The work is received already: a full disk here is told, and no failure."""
        try:
            self.receipt_path = self.outbox.received(receipt)
            stamp = self.stamp(receipt.begun_at)
            copy = Path(self.cache) / receipt.course / f"{receipt.user}+{receipt.assignment}+{stamp}"
            for name in find_all_notebooks(str(self.src_path)):
                write_whole(copy / name, (self.src_path / name).read_bytes())
            write_whole(copy / "timestamp.txt", stamp.encode())
            write_whole(copy / "receipt.json", wire.write(receipt))
        except OSError as error:
            text = Text(
                f"과제는 접수되었지만 접수증이나 사본을 여기에 저장하지 못했습니다({error}). 접수증은 포털에서 받을 수 있습니다.",
                f"The work was received, but its receipt or copy could not be kept here ({error}). The portal has the receipt.",
            )
            self.log.warning(self.say(text))


def _not_received(failure: Failed) -> Text:
    if failure.passing:
        return Text(
            f"아직 접수되지 않았습니다. {failure.text.ko} 낸 파일은 이 실습실에 보관했으니 다시 제출하면 이어집니다.",
            f"Not yet received. {failure.text.en} What you handed in is kept in this lab: submit again to go on.",
        )
    return Text(f"접수되지 않았습니다. {failure.text.ko}", f"Not received. {failure.text.en}")


def _notebook(name: str) -> str:
    return name if name.endswith(".ipynb") else f"{name}.ipynb"


def _folders(parent: Path) -> list[str]:
    return [path.name for path in parent.iterdir() if path.is_dir()] if parent.is_dir() else []

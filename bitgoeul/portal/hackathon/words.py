"""A challenge's rules and what becomes of submissions, in words. Pure."""

from __future__ import annotations

from datetime import timedelta

from bitgoeul.errors import Text
from bitgoeul.hackathon.model import Record
from bitgoeul.hackathon.store import Event
from bitgoeul.portal.wording import Look

STATES: dict[str, tuple[Look, Text]] = {
    "receiving": ("moving", Text("파일을 받는 중", "The file is on its way")),
    "received": ("moving", Text("받음 · 채점 대기", "Received, waits to be scored")),
    "validating": ("moving", Text("공개 자료로 시험 중", "Being tried on public rows")),
    "queued": ("moving", Text("시험 통과 · 채점 대기", "The trial passed, waits to be scored")),
    "running": ("moving", Text("채점 중", "Being scored")),
    "scoring": ("moving", Text("채점 중", "Being scored")),
    "scored": ("done", Text("채점 완료", "Scored")),
    "late": ("off", Text("마감 뒤에 도착 · 채점하지 않음", "After the end, not scored")),
    "invalid": ("trouble", Text("파일에 고칠 곳이 있음", "The file needs mending")),
    "failed": ("trouble", Text("프로그램이 끝까지 돌지 않음", "The program did not run to its end")),
    "cancelled": ("off", Text("취소됨", "Cancelled")),
    "expired": (
        "off",
        Text("파일이 제때 오지 않음 · 횟수는 그대로", "The file did not come in time; no attempt is used"),
    ),
    "system-error": ("trouble", Text("저희 쪽 오류 · 횟수를 돌려드림", "Our error; the attempt was given back")),
}
FLAGS = {
    "selected": Text("마지막 선택", "Selected for the end"),
    "disqualified": Text("실격", "Disqualified"),
    "hidden": Text("숨김", "Hidden"),
}
METRICS = {
    "mae": Text("평균 절대 오차", "mean absolute error"),
    "mse": Text("평균 제곱 오차", "mean squared error"),
    "rmse": Text("평균 제곱근 오차", "root mean squared error"),
    "accuracy": Text("정확도", "accuracy"),
    "r2": Text("결정 계수(R-squared)", "R-squared, the share of variance told"),
    "auc": Text("ROC 곡선 아래 넓이", "area under the ROC curve"),
    "log-loss": Text("로그 손실", "log loss"),
    "own": Text("이 챌린지의 채점 프로그램", "this challenge's own scorer"),
}
BETTER = {"higher": Text("클수록 좋음", "more is better"), "lower": Text("작을수록 좋음", "less is better")}


def minutes(count: int) -> Text:
    """A length that was given in minutes, in its largest whole unit."""
    for unit, ko, en in ((1440, "일", "day"), (60, "시간", "hour")):
        if count and count % unit == 0:
            return Text(f"{count // unit}{ko}", f"{count // unit} {en}{'' if count == unit else 's'}")
    return Text(f"{count}분", f"{count} minute{'' if count == 1 else 's'}")


def rules_of(event: Event) -> list[tuple[Text, Text]]:
    """What holds in this challenge: a heading and a sentence each."""
    record = event.record
    return [
        (Text("팀", "Team"), _team(record)),
        (Text("제출 횟수", "Attempts"), _quota(record)),
        (Text("점수", "Score"), _score(event)),
        (Text("공개와 비공개", "Public and private"), _splits(record)),
        (Text("마지막 선택", "For the end"), _finals(record)),
        (Text("동점", "Ties"), _tie(record)),
        (Text("동결", "Freeze"), _freeze(record)),
        (Text("시각", "Time"), _clock(record)),
        *([(Text("심사", "Judges"), _judges(record))] if record.judging.share else []),
    ]


def _team(record: Record) -> Text:
    team, before = record.team, minutes(record.team.closes_minutes)
    size = f"{team.smallest}~{team.largest}" if team.smallest < team.largest else f"{team.largest}"
    sizes = f"{team.smallest} to {team.largest}" if team.smallest < team.largest else f"{team.largest}"
    return Text(
        f"{size}명이고, 한 사람은 한 팀에만 들어갑니다. 마감 {before.ko} 전까지 들어가고 합칠 수 있습니다. 합치면 두 팀이 낸 것을 모두 셉니다.",
        f"{sizes} people; one person has one team. Joining and merging end {before.en} before the end. A merged team counts what both have submitted.",
    )


def _quota(record: Record) -> Text:
    quota = record.quota
    every = Text("하루", "a day") if quota.hours == 24 else Text(f"{quota.hours}시간", f"every {quota.hours} hours")
    return Text(
        f"팀마다 {every.ko}에 {quota.scored}번({record.zone} 0시부터 셉니다). 읽을 수 없는 파일은 따로 {quota.invalid}번까지이고 횟수를 쓰지 않습니다. 동시에 {quota.waiting}개까지 기다립니다.",
        f"{quota.scored} {every.en} for a team, counted from midnight in {record.zone}. Files that cannot be read use none of them, up to {quota.invalid}. At most {quota.waiting} wait at a time.",
    )


def _score(event: Event) -> Text:
    name = event.record.metric.name
    metric, better = METRICS.get(name, Text(name, name)), BETTER[event.record.metric.direction]
    return Text(
        f"{metric.ko}, {better.ko}. 소수 {event.digits}자리까지 보이고, 보이는 값으로 순위를 정합니다.",
        f"{metric.en}, {better.en}. Shown with {event.digits} decimal{'' if event.digits == 1 else 's'}, and ranked as shown.",
    )


def _splits(record: Record) -> Text:
    share = round(100 * record.data.public / (record.data.public + record.data.private))
    return Text(
        f"시험 자료의 {share}%로 순위표를 만들고, 결과는 나머지 {100 - share}%로 정합니다. 어느 행이 어느 쪽인지는 아무도 모릅니다.",
        f"The board counts {share} % of the test rows, the result the other {100 - share} %. Nobody is told which row is which.",
    )


def _finals(record: Record) -> Text:
    return Text(
        f"마감 전에 {record.finals}개까지 고르고, 그 가운데 비공개 점수가 가장 좋은 것이 결과입니다. 비워 둔 자리는 공개 점수가 가장 좋은 것으로 채웁니다.",
        f"Select up to {record.finals} before the end; the best private score among them is the result. Places left empty are filled with the best public ones.",
    )


def _tie(record: Record) -> Text:
    if record.tie == "shared":
        return Text("보이는 점수가 같으면 순위도 같습니다.", "Equal scores as shown share a rank.")
    return Text("보이는 점수가 같으면 먼저 낸 팀이 앞섭니다.", "Of equal scores as shown, who came first is ahead.")


def _freeze(record: Record) -> Text:
    if not record.freeze_minutes:
        return Text("순위표는 멈추지 않습니다.", "The board never stands still.")
    before = minutes(record.freeze_minutes)
    return Text(
        f"마감 {before.ko} 전부터 결과를 공개할 때까지 순위표가 멈춥니다. 내 점수는 계속 보입니다.",
        f"From {before.en} before the end until publication the board stands still. Your own scores go on showing.",
    )


def _clock(record: Record) -> Text:
    return Text(
        f"서버의 시계가 정하고, {record.zone} 시각으로 적습니다. 파일을 알린 때가 낸 때이므로 느린 회선도 손해를 보지 않습니다.",
        f"The server's clock decides; times are {record.zone}. What counts is when a file was announced, so a slow line loses nothing.",
    )


def _judges(record: Record) -> Text:
    share = round(100 * record.judging.share)
    return Text(
        f"결과의 {share}%는 심사위원이 매깁니다: " + ", ".join(one.title.ko for one in record.judging.criteria) + ".",
        f"Judges give {share} % of the result: " + ", ".join(one.title.en for one in record.judging.criteria) + ".",
    )


def team_closes(event: Event) -> timedelta:
    """How long before the end teams are closed."""
    return timedelta(minutes=event.record.team.closes_minutes)

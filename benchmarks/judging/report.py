"""The benchmark's results as tables."""

from __future__ import annotations

from judging import courses

GOALS = {"plain": (35, 6.5), "data": (10, 9), "torch": (2.8, 15)}
TITLES = {one.name: one.title for one in courses.ALL}
CONTENDERS = (("stock", "stock nbgrader"), ("otter", "otter-grader"), ("ours", "ours"), ("bare", "bare `exec`"))


def tables(results: dict) -> str:
    """Markdown, with the machine and the loads that the figures were taken under."""
    found = {name: value for name, value in results.items() if name != "machine"}
    here = results["machine"]
    head = (
        f"# Judging, measured\n\n`benchmarks/grade.py`, {here['date']}: {here['cores']} cores of {here['model']}, Linux "
        f"{here['kernel']}, Python {here['python']}. Numeric libraries use one thread each.\n"
    )
    parts = [head, _one(found), _many(found), _agreement(found), *(_phases(name, one) for name, one in found.items())]
    return "\n".join(part for part in parts if part)


def _table(header: list[str], rows: list[list[str]]) -> str:
    line = "|---|" + "--:|" * (len(header) - 1)
    return "\n".join(["| " + " | ".join(header) + " |", line, *("| " + " | ".join(row) + " |" for row in rows)]) + "\n"


def _one(found: dict) -> str:
    names = list(found)
    rows = []
    for key, title in CONTENDERS:
        taken = [found[name].get(key) for name in names]
        if any(taken):
            rows.append(
                [title, *(f"{one['one'] * 1000:.0f} / {one['one_cpu'] * 1000:.0f}" if one else "-" for one in taken)]
            )
    for key, title in CONTENDERS[:2]:
        pairs = [(found[name].get(key), found[name]["ours"]) for name in names]
        if any(one for one, _ in pairs):
            ratios = [
                f"{one['one'] / ours['one']:.1f} / {one['one_cpu'] / ours['one_cpu']:.1f}" if one else "-"
                for one, ours in pairs
            ]
            rows.append([f"{title} : ours", *ratios])
    bound = [f"{found[name]['ours']['one'] / found[name]['bare']['one']:.2f}" for name in names]
    rows.append(["ours : bare", *bound])
    busy = ", ".join(f"{found[name][key]['load']:.1f}" for key, _ in CONTENDERS for name in names if key in found[name])
    header = ["one right submission, median, ms wall / CPU", *(TITLES[name] for name in names)]
    return "## One submission\n\n" + _table(header, rows) + f"\nThe machine's load before each, row by row: {busy}.\n"


def _many(found: dict) -> str:
    rows = []
    for name, one in found.items():
        ours, stock = one["ours"], one.get("stock", {})
        rate, batch = GOALS[name]
        limit = one["bare"]["one"] + 1
        rows.append([
            TITLES[name],
            f"{ours['rate']:.1f} (best {ours['best_rate']:.1f}; goal {rate})",
            f"{ours['rate_cpu'] * 1000:.0f}",
            f"{2 / one['bare']['one_cpu']:.1f}",
            f"{ours['mixed']:.1f} / {ours['mixed_cpu']:.1f} (goal {batch})",
            f"{stock['mixed']:.0f} / {stock['mixed_cpu']:.0f}" if "mixed" in stock else "-",
            f"{len(ours['lost'])}" + (f"; stock {len(stock['lost'])}" if "lost" in stock else ""),
            f"{ours['latency_p95'] * 1000:.0f} (goal {min(limit, 1.0) * 1000 if name == 'plain' else limit * 1000:.0f})",
            f"{ours['start']:.1f}",
            f"{ours['load']:.1f}",
        ])  # fmt: skip
    header = [
        "two workers, all written",
        "right ones/s",
        "CPU ms each",
        "limit/s",
        "40 mixed, wall s / CPU s",
        "stock's",
        "lost",
        "submit to result, p95 ms",
        "warm-up s",
        "load before",
    ]
    return "## Many\n\n" + _table(header, rows)


def _agreement(found: dict) -> str:
    lines = []
    for name, one in found.items():
        theirs, ours = one.get("stock", {}).get("scores"), one["ours"]["scores"]
        if theirs is None:
            continue
        odd = {who: (theirs.get(who), ours[who]) for who in ours if theirs.get(who) != ours[who]}
        told = ", ".join(f"{who}: stock {stock}, ours {own}" for who, (stock, own) in odd.items()) or "none"
        lines.append(
            f"- {TITLES[name]}: {len(ours) - len(odd)} of {len(ours)} scores equal stock's; the others: {told}."
        )
    return "## Scores\n\n" + "\n".join(lines) + "\n" if lines else ""


def _phases(name: str, one: dict) -> str:
    phases = one["phases"]
    order = sorted(phases["wall"], key=phases["wall"].__getitem__, reverse=True)
    rows = [[step, f"{phases['wall'][step] * 1000:.1f}", f"{phases['cpu'][step] * 1000:.1f}"] for step in order]
    wall = sum(phases["wall"].values())
    rows.append(["all", f"{wall * 1000:.1f}", f"{phases['supervisor_cpu'] * 1000:.1f}"])
    inside = phases["all_cpu"] - phases["supervisor_cpu"]
    return (
        f"## Where the time goes: {TITLES[name]}\n\n"
        + _table(["one right submission, one worker", "wall ms", "supervisor's CPU ms"], rows)
        + f"\nAll processes together: {phases['all_cpu'] * 1000:.1f} ms of CPU, {inside * 1000:.1f} of them in the sandbox.\n"
    )

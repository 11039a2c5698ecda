"""What was measured, as a table in Markdown."""

import datetime
import os
import platform

POINT = ["verify_prepared", "verify", "path", "network_2", "network_3"]
ROWS = [
    ("load", "loading, with all indexes (peers: clean rows)"),
    ("load_files", "loading from the departments' files, with all indexes"),
    ("snapshot", "opening the store for whole-city questions"),
    ("control", "controllers of all organisations"),
    ("restrictions", "all restrictions, with computed controllers"),
    ("offenders", "frequent offenders"),
    ("gaps", "gap sweep (ours: all nine kinds)"),
    ("verify_prepared", "one verification, restrictions worked out before, p50 / p99"),
    ("verify", "one verification from the records, p50 / p99"),
    ("path", "shortest path, up to 6 hops, p50 / p99"),
    ("network_2", "network of 2 hops, p50 / p99"),
    ("network_3", "network of 3 hops, p50 / p99"),
]
NAMES = {"duckdb": "DuckDB", "postgres": "PostgreSQL", "kuzu": "Kuzu", "cozo": "CozoDB"}


def amount(seconds):
    if seconds >= 1:
        return f"{seconds:.1f} s"
    if seconds >= 0.001:
        return f"{seconds * 1e3:.3g} ms"
    return f"{seconds * 1e6:.3g} µs"


def cell(question, told):
    if told is None:
        return "–"
    if "cannot" in told:
        return "cannot be stated"
    if "failed" in told:
        return "failed"
    if "late" in told:
        return f"not within {told['late']:.0f} minutes"
    if "wrong" in told:
        wrong = told["wrong"]
        return f"wrong: {wrong['missing']} rows missing, {wrong['surplus']} too many"
    both = question in POINT
    text = f"{amount(told['p50'])} / {amount(told['p99'])}" if both else amount(told["p50"])
    if told.get("cpu"):
        text += f" ({amount(told['cpu'])})"
    return text + (" †" if told.get("asked", 0) < told.get("of", 0) else "")


def ratio(question, ours, peers):
    """How many times the strongest peer's time is ours."""
    def best(part):
        times = [told[part] for told in peers if told and part in told and "wrong" not in told]
        return min(times, default=None)
    if not ours or best("p50") is None:
        return "–"
    text = f"{best('p50') / ours['p50']:.3g}×"
    if question in POINT:
        text += f" / {best('p99') / ours['p99']:.3g}×"
    if ours.get("cpu") and best("cpu"):
        text += f" ({best('cpu') / ours['cpu']:.3g}×)"
    return text


def machine():
    with open("/proc/cpuinfo") as file:
        model = next((line.split(":")[1].strip() for line in file if line.startswith("model name")), platform.machine())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = os.getloadavg()[2]
    return f"{os.cpu_count()} cores ({model}), {memory:.0f} GiB, {datetime.date.today()}, load of the last quarter of an hour {load:.1f}"


def markdown(result):
    """The table, the machine, and what was done differently."""
    ours, peers = result["ours"], result["peers"]
    names = [f"{NAMES[name]} {told.get('version', '')}".strip() for name, told in peers.items()]
    lines = [f"{ours['records']} records; {machine()}.", "",
             f"| question | rows | chuantou | {' | '.join(names)} | strongest ÷ ours |",
             f"| --- | ---: | ---: | {'---: | ' * len(names)}---: |"]
    for question, title in ROWS:
        theirs = [told.get(question) for told in peers.values()]
        rows = max((told.get("rows", 0) for told in theirs if told), default=0)
        cells = [cell(question, told) for told in [ours.get(question), *theirs]]
        lines.append(f"| {title} | {rows or ''} | {' | '.join(cells)} | {ratio(question, ours.get(question), theirs)} |")
    memory = [told.get("memory_mib") for told in peers.values()]
    cells = " | ".join("–" if mib is None else f"{mib} MiB" for mib in [ours["memory_mib"], *memory])
    lines += [f"| most memory of the process | | {cells} | |", ""]
    for name, told in peers.items():
        for question, note in told.get("notes", {}).items():
            lines.append(f"- {NAMES[name]}, {question}: {note}.")
    lines.append("- In parentheses: seconds of the processors.")
    partly = [NAMES[name] for name, told in peers.items() if any(
        isinstance(told.get(q), dict) and told[q].get("asked", 0) < told[q].get("of", 0) for q in POINT)]
    if partly:
        lines.append("- †: asked of the first subjects only, as many as in a minute.")
    return "\n".join(lines)

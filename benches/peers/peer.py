"""What every peer does: load the rows, answer the questions, write answers and times.

A peer is a class with a method for each question that it can answer. It is run in a process of
its own, by `run.py`. Times are taken like ours: once to warm up, then several runs, their median;
a point question is asked of every subject drawn and told by its median and 99th percentile.
"""

import csv
import json
import pathlib
import time

DAY = "DATE '2026-06-30'"
RUNS = 5
# A question about the whole city that takes longer than this once is not asked again, and
# point questions stop after it; what was answered by then is compared.
PATIENCE_SECONDS = 60
HERE = pathlib.Path(__file__).parent
TABLES = [
    "entity", "role", "holding", "agreement", "tie", "listing", "penalty", "repair", "objection",
    "naming", "determination", "matter", "checks", "enforcement", "item", "item_subject", "deadline",
]
# Questions about the whole city, with how many columns of the answer are compared.
WHOLE = ["control", "restrictions", "offenders", "gaps"]
POINT = ["verify_prepared", "verify", "path", "network_2", "network_3"]


def sql(name, **words):
    """A query of the folder `sql/`, comments left out, words filled in."""
    lines = (HERE / "sql" / f"{name}.sql").read_text().splitlines()
    text = "\n".join(line for line in lines if not line.lstrip().startswith("--"))
    for word, value in {"day": DAY, **words}.items():
        text = text.replace("{" + word + "}", str(value))
    return text


def cells(row):
    """A row as the CSV of our own answers has it."""
    return tuple("" if cell is None else str(cell) for cell in row)


def quantile(seconds, part):
    ordered = sorted(seconds)
    return ordered[round(part * (len(ordered) - 1))]


def summary(seconds):
    return {"count": len(seconds), "p50": quantile(seconds, 0.5), "p99": quantile(seconds, 0.99)}


class Cannot(Exception):
    """The peer has no way to state the question; the message says why."""


class Peer:
    """Runs one peer over a folder of rows."""

    note = {}  # by question: what was done differently

    def __init__(self, rows, data):
        self.rows = pathlib.Path(rows)
        self.data = pathlib.Path(data)

    def file(self, table):
        return str(self.rows / f"{table}.csv")

    def asked(self, name):
        with open(self.file(f"ask_{name}"), newline="") as file:
            return [tuple(int(cell) for cell in row) for row in list(csv.reader(file))[1:]]

    def run(self, out):
        """Loads, asks everything, writes the answers; gives the times."""
        out = pathlib.Path(out)
        out.mkdir(parents=True, exist_ok=True)
        self.prepare()
        try:
            self.ask_all(out)
        finally:
            self.close()

    def ask_all(self, out):
        start, before = time.perf_counter(), self.cpu()
        self.load()
        times = {"load": {"p50": time.perf_counter() - start, "cpu": self.cpu() - before, "count": 1}}
        times["version"], times["notes"] = self.version(), self.note
        def note():
            (out / "times.json").write_text(json.dumps(times, indent=1))
        note()
        for question in WHOLE + POINT:
            ask = getattr(self, question, None)
            try:
                if ask is None:
                    raise Cannot(self.cannot.get(question, "cannot be stated"))
                kind = self.whole if question in WHOLE else self.point
                times[question] = kind(question, ask, out)
            except Cannot as reason:
                times[question] = {"cannot": str(reason)}
            except Exception as error:  # the peer failed: said, and the next question asked
                times[question] = {"failed": f"{type(error).__name__}: {error}"[:300]}
            print(f"  {question}: {times[question]}", flush=True)
            # At once: whoever takes too long is stopped, and keeps what was answered by then.
            note()

    def whole(self, question, ask, out):
        seconds, busy = [], []
        for _ in range(RUNS + 1):
            start, before = time.perf_counter(), self.cpu()
            answers = ask()
            seconds.append(time.perf_counter() - start)
            busy.append(self.cpu() - before)
            if sum(seconds) > PATIENCE_SECONDS:
                break
        warm = seconds[1:] or seconds
        told = {**summary(warm), "cpu": quantile(busy[1:] or busy, 0.5)}
        if not isinstance(answers, dict):
            answers = {question: answers}
        for name, rows in answers.items():
            self.write(out, name, rows)
        return told

    def point(self, question, ask, out):
        name = question.split("_")[0]
        subjects = self.asked(name)
        for subject in subjects[: len(subjects) // 10]:
            ask(*subject)
        seconds, found, answered = [], [], []
        for subject in subjects:
            start = time.perf_counter()
            rows = ask(*subject)
            seconds.append(time.perf_counter() - start)
            answered.append(subject)
            found.extend(rows)
            if sum(seconds) > PATIENCE_SECONDS:
                break
        self.write(out, question, found)
        return {**summary(seconds), "asked": len(answered), "of": len(subjects)}

    def write(self, out, name, rows):
        with open(out / f"{name}.csv", "w", newline="") as file:
            csv.writer(file).writerows(cells(row) for row in rows)

    def prepare(self):
        """Starts what must run before rows can be loaded."""

    def cpu(self):
        """Seconds that the processors have worked for the peer."""
        return time.process_time()

    def close(self):
        """Ends what was started."""

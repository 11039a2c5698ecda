"""Whether a peer's answers are ours, row for row. A question that is answered otherwise loses its time."""

import csv
from collections import Counter

# A question, the files of its answer, the file of whom a point question asked, its columns there.
QUESTIONS = {
    "control": (["control"], None, 0),
    "restrictions": (["restrictions"], None, 0),
    "offenders": (["offenders"], None, 0),
    "gaps": (["missed_check", "late_publication"], None, 0),
    "verify_prepared": (["verify_prepared"], "ask_verify", 1),
    "verify": (["verify"], "ask_verify", 1),
    "path": (["path"], "ask_path", 2),
    "network_2": (["network_2"], "ask_network", 1),
    "network_3": (["network_3"], "ask_network", 1),
}


def rows(path):
    with open(path, newline="") as file:
        return [tuple(row) for row in csv.reader(file)]


def judge(times, asked_in, ours_in, theirs_in):
    """Marks what differs; notes how many rows were compared."""
    for question, (files, asked_file, columns) in QUESTIONS.items():
        told = times[question]
        if "p50" not in told:
            continue
        missing = surplus = compared = 0
        for name in files:
            ours, theirs = rows(ours_in / f"{name}.csv")[1:], rows(theirs_in / f"{name}.csv")
            if asked_file:
                # What a peer was too slow to be asked is not missed.
                asked = set(rows(asked_in / f"{asked_file}.csv")[1:][: told["asked"]])
                ours = set(row for row in ours if row[:columns] in asked)
                theirs = set(theirs)
            elif theirs:
                width = min(len(theirs[0]), len(ours[0]) if ours else 0)
                ours = [row[:width] for row in ours]
            ours, theirs = Counter(ours), Counter(theirs)
            missing += (ours - theirs).total()
            surplus += (theirs - ours).total()
            compared += ours.total()
        told["rows"] = compared
        if missing or surplus:
            told["wrong"] = {"missing": missing, "surplus": surplus}

"""Whether a peer's answers are ours, row for row. A question that is answered otherwise loses its time."""

import csv
import json
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


def judge_files(times, work, out, quarantine):
    """What loading the departments' files took, unless a row, a reason or an answer differs from ours."""
    judge(times, work / "rows", work / "ours", out)
    told = times["load_files"]
    ours = Counter()
    for line in open(quarantine):
        entry = json.loads(line)
        ours[(entry["set"], entry["file"].rsplit("/", 1)[-1], int(entry["place"].removeprefix("line ")),
              entry["reason"], entry["field"])] += 1
    theirs = Counter(tuple(row) for row in times["quarantine"])
    wrong = [("quarantine", (ours - theirs).total(), (theirs - ours).total())]
    wrong += [(table, of["missing"], of["surplus"]) for table, of in times["tables"].items()]
    for question in QUESTIONS:
        of = times[question].get("wrong", {"missing": 0, "surplus": 0})
        wrong.append((question, of["missing"], of["surplus"]) if "rows" in times[question] else (question, 1, 0))
    told["rows"] = sum(of["rows"] for of in times["tables"].values())
    told["quarantined"] = ours.total()
    told["answers"] = sum(times[question].get("rows", 0) for question in QUESTIONS)
    if any(missing or surplus for _, missing, surplus in wrong):
        told["wrong"] = {"missing": sum(m for _, m, _ in wrong), "surplus": sum(s for _, _, s in wrong),
                         "where": [name for name, missing, surplus in wrong if missing or surplus]}
    return told

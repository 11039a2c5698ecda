"""`make bench-peers`: the same rows and questions for every engine, one after the other.

run.py CHUANTOU PEERS WORK [--size SIZE] [--seed N] [--city DIR] [--only a,b]

CHUANTOU and PEERS are our binaries; WORK gets everything that is made. Each engine runs in a
process of its own. Prints a table in Markdown and leaves everything measured in
WORK/result.json.
"""

import argparse
import importlib
import json
import pathlib
import shutil
import sys

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE))

import compare  # noqa: E402
import table  # noqa: E402
from waited import must, waited  # noqa: E402

ALL = ["duckdb", "postgres", "kuzu", "cozo"]
# Who also loads the departments' files.
FROM_FILES = ["duckdb"]


def one_peer(name, rows, data, out, *city):
    """In a process of its own: loads and answers."""
    peer = importlib.import_module(f"{name}_peer").PEER
    shutil.rmtree(data, ignore_errors=True)
    pathlib.Path(data).mkdir(parents=True)
    peer(rows, data, *city).run(out)
    shutil.rmtree(data, ignore_errors=True)


def city_of(options, work):
    return pathlib.Path(options.city).resolve() if options.city else work / "city"


def from_files(name, options, work):
    """What a peer takes to load the departments' files; no time unless all came out as with us."""
    print(f"{name}: loading from the departments' files", flush=True)
    out, log = work / f"answers-{name}-files", work / f"{name}-files.log"
    shutil.rmtree(out, ignore_errors=True)
    command = [sys.executable, HERE / "run.py", "--one", f"{name}_files", work / "rows", work / f"data-{name}-files", out,
               city_of(options, work)]
    took, status = waited(command, log, options.minutes * 60)
    if status != 0:
        print(log.read_text()[-2000:])
        return {"failed": f"exit status {status}, see {log.name}"}
    times = json.loads((out / "times.json").read_text())
    quarantine = work / "quarantine.ndjson"
    must([options.chuantou, "--data", work / "store", "quarantine", "list", "--format", "ndjson"], quarantine)
    return {**compare.judge_files(times, work, out, quarantine), "memory_mib": took["peak_mib"]}


def our_side(options, work):
    """Generates a city unless there is one, loads it, answers; what was measured."""
    city = city_of(options, work)
    if not city.exists():
        must([options.chuantou, "generate", "--size", options.size, "--seed", options.seed, "--out", city], work / "generate.log")
    store = work / "store"
    shutil.rmtree(store, ignore_errors=True)
    print("chuantou: loading", flush=True)
    load = must([options.chuantou, "--data", store, "ingest", city, "--quiet"], work / "ingest.log")
    print("chuantou: answering", flush=True)
    log = work / "ours.log"
    asking = must([options.peers, store, work / "rows", work / "ours"], log)
    times = json.loads(log.read_text())
    times["load"] = times["load_files"] = {"p50": load["seconds"], "cpu": load["cpu"], "count": 1}
    times["memory_mib"] = max(load["peak_mib"], asking["peak_mib"])
    times["records"] = sum(1 for path in city.glob("*.csv") for _ in open(path, "rb")) - len(list(city.glob("*.csv")))
    return times


def main():
    if sys.argv[1] == "--one":
        return one_peer(*sys.argv[2:])
    parser = argparse.ArgumentParser()
    for name in ("chuantou", "peers", "work"):
        parser.add_argument(name)
    parser.add_argument("--size", default="county")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--city", help="a folder that `chuantou generate` filled")
    parser.add_argument("--minutes", type=float, default=30, help="a peer is stopped after so many")
    parser.add_argument("--only", default=",".join(ALL), help="which peers")
    options = parser.parse_args()
    work = pathlib.Path(options.work).resolve()
    work.mkdir(parents=True, exist_ok=True)
    result = {"ours": our_side(options, work), "peers": {}}
    for name in options.only.split(","):
        print(f"{name}: loading and answering", flush=True)
        out = work / f"answers-{name}"
        shutil.rmtree(out, ignore_errors=True)
        command = [sys.executable, HERE / "run.py", "--one", name, work / "rows", work / f"data-{name}", out]
        took, status = waited(command, work / f"{name}.log", options.minutes * 60)
        if status != 0 and not (out / "times.json").exists():
            print((work / f"{name}.log").read_text()[-2000:])
            result["peers"][name] = {"failed": f"exit status {status}, see {name}.log"}
            continue
        times = json.loads((out / "times.json").read_text())
        for question in compare.QUESTIONS:
            times.setdefault(question, {"late": options.minutes})
        times["memory_mib"] = None if name == "postgres" else took["peak_mib"]
        compare.judge(times, work / "rows", work / "ours", out)
        if name in FROM_FILES:
            told = times["load_files"] = from_files(name, options, work)
            if "answers" in told:
                times["notes"]["load_files"] = (
                    f"{told['rows']} rows, {told['quarantined']} set aside and {told['answers']} rows of answers compared; "
                    "nothing is encrypted")
        result["peers"][name] = times
    (work / "result.json").write_text(json.dumps(result, indent=1))
    print(table.markdown(result))


if __name__ == "__main__":
    main()

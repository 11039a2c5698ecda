"""`make bench-city`: whole cities, generated, loaded and asked, on one machine.

city.py CHUANTOU CITY WORK SIZE… [--seed N] [--keep]

CHUANTOU and CITY are our binaries. For each size one table; for several, how the seconds
grow with the records. What was measured stays in WORK/SIZE.json.
"""

import argparse
import json
import pathlib
import shutil
import sys

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE / "peers"))

from table import machine  # noqa: E402
from waited import must  # noqa: E402

MIB = 1 << 20


def measured(options, size):
    """Everything about one size."""
    folder = pathlib.Path(options.work).resolve() / size
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    files, data = folder / "city", folder / "data"
    generate = must([options.chuantou, "generate", "--size", size, "--seed", options.seed, "--out", files], folder / "generate.log")
    load = must([options.chuantou, "--data", data, "ingest", files, "--quiet"], folder / "ingest.log")
    log = folder / "asked.log"
    must([options.city, data, files], log)
    result = json.loads(log.read_text())
    truth = json.loads((files / "truth.json").read_text())
    result["records"] = sum(file["rows"] for file in truth["files"])
    first = [
        {"name": name, "found": result["records"], **took}
        for name, took in (("generated", generate), ("loaded, all indexes ready", load))
    ]
    result["steps"] = first + result["steps"]
    result["machine"] = machine()
    if not options.keep:
        shutil.rmtree(files)
        shutil.rmtree(data)
    (folder.parent / f"{size}.json").write_text(json.dumps(result, indent=1))
    return result


def grouped(number):
    return f"{number:,.0f}".replace(",", " ")


def limit(step, result):
    """What the machine allows for a step that moves the city's bytes."""
    limits = {told["name"]: told for told in result["limits"]}
    parse, files, store = (limits[name] for name in ("rows told apart, on all cores", "files read", "store read"))
    if step.startswith("loaded"):
        return f"telling rows apart alone {parse['seconds']:.2f} s, reading the files {files['seconds']:.2f} s"
    if step.startswith("snapshot"):
        return f"reading the store {store['seconds']:.2f} s"
    return ""


def table(result):
    """One size, in Markdown."""
    records = result["records"]
    lines = [f"{grouped(records)} records; {result['machine']}", "",
             "| step | seconds | of the processors | records/s | found | most memory, MiB | what the machine allows |",
             "| --- | ---: | ---: | ---: | ---: | ---: | --- |"]
    for step in result["steps"]:
        seconds = step["seconds"]
        rate = grouped(records / seconds) if seconds else ""
        lines.append(f"| {step['name']} | {seconds:.3f} | {step['cpu']:.2f} | {rate} | {grouped(step['found'])} | "
                     f"{step['peak_mib']} | {limit(step['name'], result)} |")
    csv, store = result["csv_bytes"], result["store_bytes"]
    lines += ["", f"On disk: {grouped(store / MIB)} MiB, {store / records:.0f} bytes a record, "
              f"{store / csv:.2f} times the files ({grouped(csv / MIB)} MiB).", "",
              "| one question | p50 | p99 |", "| --- | ---: | ---: |"]
    for point in result["points"]:
        lines.append(f"| {point['name']} | {point['p50'] * 1e3:.4f} ms | {point['p99'] * 1e3:.4f} ms |")
    return "\n".join(lines)


def growth(results):
    """Seconds a million records, size by size: level where the cost is linear."""
    sizes = [result["records"] for result in results]
    lines = ["Seconds of the processors for a million records:", "",
             f"| step | {' | '.join(grouped(size) for size in sizes)} |",
             f"| --- | {'---: | ' * len(sizes)}".rstrip()]
    for place, step in enumerate(results[0]["steps"]):
        each = [result["steps"][place]["cpu"] / (result["records"] / 1e6) for result in results]
        lines.append(f"| {step['name']} | {' | '.join(f'{seconds:.3f}' for seconds in each)} |")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser()
    for name in ("chuantou", "city", "work"):
        parser.add_argument(name)
    parser.add_argument("sizes", nargs="+", help="records, or town, county, city")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--keep", action="store_true", help="leave the files and the data folder")
    options = parser.parse_args()
    results = []
    for size in options.sizes:
        results.append(measured(options, size))
        print(table(results[-1]), end="\n\n", flush=True)
    if len(results) > 1:
        print(growth(results))


if __name__ == "__main__":
    main()

"""`make bench-peers`: the same rows and questions for every engine, one after the other.

run.py CHUANTOU PEERS_BIN WORK [--cities DIR] [--peers a,b] [--size SIZE]

WORK gets everything that is made. Each engine runs in a process of its own. An answer that is
not ours row for row is printed as wrong, without a time.
"""

import argparse
import csv
import importlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE))
ALL = ["duckdb", "postgres", "kuzu", "cozo"]


def waited(command, log=None):
    """Runs a command; its seconds, the most memory it held in MiB, and whether it went well."""
    start = time.perf_counter()
    with open(log, "w") if log else open(os.devnull, "w") as out:
        child = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return time.perf_counter() - start, usage.ru_maxrss // 1024, child.returncode


def must(command, log):
    seconds, memory, status = waited(command, log)
    if status != 0:
        sys.exit(f"{' '.join(map(str, command))}: failed, see {log}\n{log.read_text()[-2000:]}")
    return seconds, memory


def one_peer(name, rows, data, out):
    """In a process of its own: loads and answers."""
    peer = importlib.import_module(f"{name}_peer").PEER
    shutil.rmtree(data, ignore_errors=True)
    pathlib.Path(data).mkdir(parents=True)
    peer(rows, data).run(out)


def answers(path):
    with open(path, newline="") as file:
        return list(csv.reader(file))

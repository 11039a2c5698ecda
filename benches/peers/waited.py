"""Running a command and telling what it took."""

import os
import subprocess
import sys
import time


def waited(command, log):
    """Its seconds, the most memory it held in MiB, and its exit status."""
    start = time.perf_counter()
    with open(log, "w") as out:
        child = subprocess.Popen([str(word) for word in command], stdout=out, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return time.perf_counter() - start, usage.ru_maxrss // 1024, child.returncode


def must(command, log):
    """The same of a command that has to go well."""
    seconds, memory, status = waited(command, log)
    if status != 0:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{log.read_text()[-2000:]}")
    return seconds, memory

"""Running a command and telling what it took."""

import os
import subprocess
import sys
import time


def waited(command, log):
    """What it took (seconds by the clock, of the processors, most memory in MiB), and its exit status."""
    start = time.perf_counter()
    with open(log, "w") as out:
        child = subprocess.Popen([str(word) for word in command], stdout=out, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - start
    took = {"seconds": seconds, "cpu": usage.ru_utime + usage.ru_stime, "peak_mib": usage.ru_maxrss // 1024}
    return took, child.returncode


def must(command, log):
    """The same of a command that has to go well."""
    took, status = waited(command, log)
    if status != 0:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{log.read_text()[-2000:]}")
    return took

"""Running a command and telling what it took."""

import os
import signal
import subprocess
import sys
import threading
import time

# To end by itself, once asked to, before it is ended.
GRACE_SECONDS = 30


def waited(command, log, limit=None):
    """What it took (seconds by the clock, of the processors, most memory in MiB), and its exit status.

    After `limit` seconds it is asked to stop, and then ended.
    """
    start = time.perf_counter()
    with open(log, "w") as out:
        child = subprocess.Popen([str(word) for word in command], stdout=out, stderr=subprocess.STDOUT)
        asked = [(limit, signal.SIGINT), (limit + GRACE_SECONDS, signal.SIGKILL)] if limit else []
        timers = [threading.Timer(after, os.kill, (child.pid, how)) for after, how in asked]
        for timer in timers:
            timer.start()
        _, status, usage = os.wait4(child.pid, 0)
        for timer in timers:
            timer.cancel()
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

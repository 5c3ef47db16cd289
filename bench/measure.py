"""Runs programs one after the other, and measures each: Node does not tell the CPU time of a child.

One line of JSON on stdin for each run: {"words": [...], "env": {...}, "cwd": "..."}; the answer on stdout:
{"status": exit code, "wall": milliseconds, "cpu": milliseconds}.
"""

import json
import os
import sys
import time

NULL = os.open(os.devnull, os.O_RDWR)
STREAMS = [(os.POSIX_SPAWN_DUP2, NULL, stream) for stream in range(3)]

# Not an iteration over sys.stdin, which reads ahead.
for line in iter(sys.stdin.readline, ""):
    run = json.loads(line)
    os.chdir(run["cwd"])
    start = time.monotonic()
    child = os.posix_spawn(run["words"][0], run["words"], run["env"], file_actions=STREAMS)
    _, status, usage = os.wait4(child, 0)
    wall = time.monotonic() - start
    cpu = usage.ru_utime + usage.ru_stime
    print(json.dumps({"status": os.waitstatus_to_exitcode(status), "wall": wall * 1000, "cpu": cpu * 1000}), flush=True)

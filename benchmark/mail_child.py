"""The child process that reads one doubtful mail from standard input, under limits, and writes what it read.

Started as `python -I -m benchmark.mail_child CPU_SECONDS BYTES`; ends with a status other than 0 when it breaks.
"""

from __future__ import annotations

import pickle
import resource
import sys

from benchmark.core.classification import classify
from benchmark.core.messages import read_message


def main(cpu_s: int, memory: int) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    message = read_message(sys.stdin.buffer.read())
    classify(message)  # what reads well may still be a bomb for the rules
    pickle.dump(message, sys.stdout.buffer)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))

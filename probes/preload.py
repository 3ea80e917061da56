"""What every process needs, imported once: the server forks them from here, so they start at once and share memory."""

from __future__ import annotations

import gc
from importlib.metadata import entry_points

from benchmark import campaigns, intake, observations, outcome_keeping, results
from probes import jobs, scheduler, worker
from probes.command_line import processes
from probes.mail import mailbox
from probes.sandbox import world

LOADED = (campaigns, intake, observations, outcome_keeping, results, jobs, mailbox, scheduler, worker, processes, world)

for _point in entry_points(group="replymark.commands", name="web"):
    _point.load()  # by its entry point: the hands do not know the face

gc.collect()
gc.freeze()  # keeps the collector of the children from touching, and so copying, what they share

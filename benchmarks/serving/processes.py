"""Servers as processes: started in a session of their own, so that all they start can be found, weighed and ended."""

import contextlib
import os
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path

import psutil


def free_ports(count):
    with contextlib.ExitStack() as open_together:
        sockets = [open_together.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


class Processes:
    """A command and everything it starts. Ended by close, or by the end of a with block."""

    def __init__(self, command, log, **more):
        with open(log, "w") as file:
            self.root = subprocess.Popen(list(map(str, command)), start_new_session=True, stderr=file, **more)
        self.log = log

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def members(self):
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(ProcessLookupError, psutil.Error):
                if os.getsid(process.pid) == self.root.pid and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
        return found

    def memory(self):
        """PSS and RSS in MB: shared pages are counted once in PSS, in every process that has them in RSS."""
        total = {"Pss:": 0, "Rss:": 0}
        for process in self.members():
            with contextlib.suppress(OSError):
                for line in Path(f"/proc/{process.pid}/smaps_rollup").read_text().splitlines():
                    name, _, value = line.partition(" ")
                    if name in total:
                        total[name] += int(value.split()[0]) / 1024
        return total["Pss:"], total["Rss:"]

    def memory_of(self, files):
        """PSS in MB of mapped files whose path has one of these words in it."""
        total, counted = 0, False
        for process in self.members():
            with contextlib.suppress(OSError):
                for line in Path(f"/proc/{process.pid}/smaps").read_text().splitlines():
                    words = line.split()
                    if not words[0].endswith(":"):
                        counted = len(words) > 5 and any(file in words[5] for file in files)
                    elif counted and words[0] == "Pss:":
                        total += int(words[1]) / 1024
        return total

    def cpu_seconds(self):
        seconds = 0
        for process in self.members():
            with contextlib.suppress(psutil.Error):
                times = process.cpu_times()
                seconds += times.user + times.system
        return seconds

    def close(self):
        """Asks everything to end, and after ten seconds makes it."""
        for sent, patience in ((signal.SIGTERM, 10), (signal.SIGKILL, 10)):
            deadline = time.monotonic() + patience
            for process in self.members():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process.pid, sent)
            while time.monotonic() < deadline:
                self.root.poll()
                if not self.members():
                    return
                time.sleep(0.1)
        raise RuntimeError(f"{self.root.args[0]} does not end")


class MemoryWatch:
    """Looks at the memory of some processes twice a second for as long as a with block lasts; most is (PSS, RSS)."""

    def __init__(self, processes):
        self.processes = processes
        self.most = (0, 0)
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.watch, daemon=True)

    def watch(self):
        while not self.stop.wait(0.5):
            self.most = max(self.most, self.processes.memory())

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join()

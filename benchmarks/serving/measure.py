"""Measures JPEG to JSON on every server and on Cresset in process, one after the other: measure.py CLASSPATH RESULTS [--quick] [NAME...]"""

import contextlib
import json
import os
import platform
import signal
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from statistics import median

import psutil

from processes import MemoryWatch, Processes
from servers import OUT, fastapi, torchserve

CALLERS = [1, 2, 4, 8]
JAVA = [Path(os.environ["JAVA_HOME"], "bin/java") if "JAVA_HOME" in os.environ else "java", "-Xmx512m"]
MAIN = "dev.cresset.benchmarks."
# What PyTorch's build for GPUs maps and its build for processors does not have.
FOR_A_GPU = ("/nvidia/", "/triton/", "libtorch_cuda", "libnvjpeg")


def http(start, **settings):
    @contextlib.contextmanager
    def opened(scratch, classpath):
        with start(scratch, **settings) as (server, url):
            with generator(scratch, classpath, [url]) as load:
                yield server, load

    return opened


def cresset(numbers, *options):
    @contextlib.contextmanager
    def opened(scratch, classpath):
        with generator(scratch, classpath, [numbers], options) as load:
            yield load, load

    return opened


# What is best with two cores: either two at a time with a thread each, or one with two.
ROWS = {
    "TorchServe, as it comes": http(torchserve),
    "TorchServe, 1 worker, 2 threads": http(torchserve, workers=1, threads=2),
    "TorchServe, 2 workers, 1 thread each": http(torchserve, workers=2, threads=1),
    "FastAPI, 1 worker, 1 at a time, 2 threads": http(fastapi, workers=1, threads=2, at_a_time=1),
    "FastAPI, 1 worker, 2 at a time, 1 thread each": http(fastapi, workers=1, threads=1, at_a_time=2),
    "FastAPI, 2 workers, 1 thread each": http(fastapi, workers=2, threads=1, at_a_time=1),
    "FastAPI, 2 workers, `optimize_for_inference`": http(fastapi, workers=2, threads=1, at_a_time=1, optimize=True),
    "Cresset": cresset("AS_SAVED"),
    "Cresset, `-Xmx64m -XX:+UseSerialGC`": cresset("AS_SAVED", "-Xmx64m", "-XX:+UseSerialGC"),
    "Cresset, the same and `-XX:TrimNativeHeapInterval=5000`": cresset(
        "AS_SAVED", "-Xmx64m", "-XX:+UseSerialGC", "-XX:TrimNativeHeapInterval=5000"
    ),
    "Cresset, 2 threads a call": cresset("AS_SAVED", "-Dcresset.intraOpThreads=2"),
    "Cresset, bfloat16": cresset("BFLOAT16"),
}


@contextlib.contextmanager
def generator(scratch, classpath, arguments, options=()):
    command = [*JAVA, *options, "-cp", classpath, MAIN + "ServingLoad", OUT, *arguments]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with Processes(command, scratch / "load.log", **pipes) as load:
        answer(load)
        yield load


def answer(load):
    line = load.root.stdout.readline()
    if not line:
        raise RuntimeError(f"the load generator ended:\n{load.log.read_text()[-4000:]}")
    return json.loads(line)


def ask(load, callers, seconds):
    load.root.stdin.write(f"{callers} {seconds}\n")
    load.root.stdin.flush()
    return answer(load)


def busy():
    times = psutil.cpu_times()
    return sum(times) - times.idle - times.iowait - times.guest - times.guest_nice


def measured(server, load, callers, seconds):
    """One load, with the processor time of those who took part, and how many cores others took away meanwhile."""
    before, mine, clock, all_before = server.cpu_seconds(), load.cpu_seconds(), time.monotonic(), busy()
    with MemoryWatch(server) as memory:
        found = ask(load, callers, seconds)
    took = time.monotonic() - clock
    served = server.cpu_seconds() - before
    # In process there is no generator of its own.
    asked = load.cpu_seconds() - mine if load is not server else 0
    others = max(0, busy() - all_before - served - asked) / took
    found |= {"serverCores": served / took, "generatorCores": asked / took, "otherCores": others}
    # On a machine that others use, too, this says more than the clock: what an answer costs, its asking included.
    found["cpuMs"] = (served + asked) / found["answers"] * 1e3
    return found | {"pssMB": memory.most[0], "rssMB": memory.most[1]}


def measure(row, classpath, seconds):
    with tempfile.TemporaryDirectory() as scratch:
        started = time.monotonic()
        with row(Path(scratch), classpath) as (server, load):
            opened = time.monotonic() - started
            for callers in (2, 4):
                ask(load, callers, seconds)
            time.sleep(2)
            pss, rss = server.memory()
            gpu = server.memory_of(FOR_A_GPU)
            loads = [measured(server, load, callers, seconds) for callers in CALLERS]
    return {"openSeconds": opened, "idlePssMB": pss, "idleRssMB": rss, "gpuMB": gpu, "loads": loads}


def stages(classpath, seconds):
    command = [*JAVA, "-cp", classpath, MAIN + "ServingStages", OUT, seconds]
    return json.loads(subprocess.run(list(map(str, command)), check=True, stdout=subprocess.PIPE).stdout)


def middle(rounds, callers, name):
    return median(load[name] for one in rounds for load in one["loads"] if load["callers"] == callers)


def table(result):
    """Markdown; medians over the rounds."""
    heads = [f"{callers} caller{'s' if callers > 1 else ''}" for callers in CALLERS]
    yield "| JPEG to JSON, ResNet-18 | " + " | ".join(f"{head}: per s | p50, p99 ms" for head in heads) + " |"
    yield "|---|" + "---:|---:|" * len(CALLERS)
    for name, rounds in result["rows"].items():
        cells = []
        for callers in CALLERS:
            rate, p50, p99 = (middle(rounds, callers, key) for key in ("perSecond", "p50ms", "p99ms"))
            cells += [f"{rate:.1f}", f"{p50:.0f}, {p99:.0f}"]
        yield f"| {name} | " + " | ".join(cells) + " |"
    yield ""
    yield "| the same | memory idle, MB (RSS) | of it CUDA's | under load, MB (RSS) | most off PyTorch | CPU ms an answer | cores: server | generator | others |"
    yield "|---|---:|---:|---:|---:|---:|---:|---:|---:|"
    for name, rounds in result["rows"].items():
        loads = [load for one in rounds for load in one["loads"]]
        idle, idle_rss = (median(one[key] for one in rounds) for key in ("idlePssMB", "idleRssMB"))
        pss, rss = (median(max(load[key] for load in one["loads"]) for one in rounds) for key in ("pssMB", "rssMB"))
        cells = [f"{idle:.0f} ({idle_rss:.0f})", f"{median(one['gpuMB'] for one in rounds):.0f}"]
        cells += [f"{pss:.0f} ({rss:.0f})", f"{max(load['furthest'] for load in loads):.0e}"]
        cells.append(f"{median(load['cpuMs'] for load in loads):.0f}")
        # With eight callers, where all is busy; of others the most there ever was.
        cells += [f"{middle(rounds, CALLERS[-1], key):.2f}" for key in ("serverCores", "generatorCores")]
        yield f"| {name} | " + " | ".join(cells) + f" | {max(load['otherCores'] for load in loads):.2f} |"
    yield ""
    sentence = "One call of Cresset's on one thread: {preprocessMs} ms to decode, resize and normalise, {modelMs} ms in the model ({plan}), "
    yield (sentence + "{postprocessMs} ms for the answer.").format(**result["stages"])
    yield ""
    yield "{cpu}, {cores} cores; {rounds} rounds of {seconds} s; {versions}.".format(
        **result | {"versions": ", ".join(f"{name} {number}" for name, number in result["versions"].items())}
    )


def cpu():
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine())


def write(result, folder):
    """After every row, so that a run cut short has something to show."""
    (folder / "serving.json").write_text(json.dumps(result, indent=1))
    (folder / "serving.md").write_text("\n".join(table(result)) + "\n")


if __name__ == "__main__":
    classpath, results, *options = sys.argv[1:]
    quick = "--quick" in options
    wanted = [option for option in options if option != "--quick"]
    seconds, rounds = (3, 1) if quick else (4, 3)
    # So that with blocks end what they started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    packages = ("torchserve", "torch", "fastapi", "uvicorn")
    result = {"cpu": cpu(), "cores": psutil.cpu_count(), "seconds": seconds}
    result |= {"versions": {name: version(name) for name in packages}, "rows": {}}
    result["stages"] = stages(classpath, 2 * seconds)
    for turn in range(rounds):
        result["rounds"] = turn + 1
        for name, row in ROWS.items():
            if not wanted or any(name.startswith(one) for one in wanted):
                print(f"round {turn + 1}: {name}", file=sys.stderr, flush=True)
                result["rows"].setdefault(name, []).append(measure(row, classpath, seconds))
                write(result, Path(results))
    print("\n".join(table(result)))

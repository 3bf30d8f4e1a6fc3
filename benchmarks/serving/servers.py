"""The servers to compare: how each is started, and where it answers."""

import contextlib
import os
import socket
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from processes import Processes, free_ports

HERE = Path(__file__).resolve().parent
OUT = HERE / "out"
BIN = Path(sys.executable).parent


@contextlib.contextmanager
def torchserve(scratch, workers=None, threads=None):
    """Without numbers, as many of both as it takes by itself."""
    rest, management, metrics, grpc, grpc_management = ports = free_ports(5)
    config = {
        "inference_address": f"http://127.0.0.1:{rest}",
        "management_address": f"http://127.0.0.1:{management}",
        "metrics_address": f"http://127.0.0.1:{metrics}",
        "grpc_inference_address": "127.0.0.1",
        "grpc_management_address": "127.0.0.1",
        "grpc_inference_port": grpc,
        "grpc_management_port": grpc_management,
        "number_of_gpu": 0,
        "disable_token_authorization": "true",
        # No registering over the network, no log lines of metrics.
        "enable_model_api": "false",
        "disable_system_metrics": "true",
        "metrics_mode": "prometheus",
        "vmargs": "-Xmx128m",
    }
    if workers:
        config["default_workers_per_model"] = workers
    (scratch / "config.properties").write_text("".join(f"{key}={value}\n" for key, value in config.items()))
    command = [BIN / "torchserve", "--start", "--ncs", "--ts-config", scratch / "config.properties"]
    command += ["--log-config", HERE / "log4j2.xml", "--model-store", OUT, "--models", "resnet18=resnet18.mar"]
    environment = {name: str(scratch) for name in ("TEMP", "TMPDIR", "LOG_LOCATION", "METRICS_LOCATION")}
    with server(scratch, command, threads, environment, ports) as processes:
        wait_for(f"http://127.0.0.1:{management}/models/resnet18", processes, lambda body: body.count('"READY"') == (workers or os.cpu_count()))
        yield processes, f"http://127.0.0.1:{rest}/predictions/resnet18"


@contextlib.contextmanager
def fastapi(scratch, workers, threads, at_a_time, optimize=False):
    ports = free_ports(1)
    command = [BIN / "uvicorn", "service:app", "--app-dir", HERE, "--host", "127.0.0.1", "--port", ports[0]]
    command += ["--workers", workers, "--no-access-log", "--log-level", "warning"]
    environment = {"AT_A_TIME": str(at_a_time), "OPTIMIZE": "1" if optimize else ""}
    with server(scratch, command, threads, environment, ports) as processes:
        seen = set()
        wait_for(f"http://127.0.0.1:{ports[0]}/ready", processes, lambda pid: seen.add(pid) or len(seen) == workers)
        yield processes, f"http://127.0.0.1:{ports[0]}/predict"


@contextlib.contextmanager
def server(scratch, command, threads, environment, ports):
    environment = os.environ | environment
    if threads:
        environment["OMP_NUM_THREADS"] = str(threads)
    # TorchServe's frontend starts the PATH's python.
    environment["PATH"] = f"{BIN}{os.pathsep}{environment['PATH']}"
    with open(scratch / "console.log", "w") as console:
        with Processes(command, scratch / "errors.log", env=environment, cwd=scratch, stdout=console) as processes:
            yield processes
    wait_until_free(ports)


def wait_for(url, processes, is_ready):
    # Straight to this machine, whatever the environment says about the way to others.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and processes.members():
        with contextlib.suppress(OSError):
            with opener.open(url, timeout=10) as answer:
                if is_ready(answer.read().decode()):
                    return
        time.sleep(0.25)
    log = processes.log.read_text() + (processes.log.parent / "console.log").read_text()
    raise RuntimeError(f"{processes.root.args[0]} did not start:\n{log[-4000:]}")


def wait_until_free(ports):
    deadline = time.monotonic() + 20
    for port in ports:
        while True:
            with socket.socket() as one:
                if one.connect_ex(("127.0.0.1", port)) != 0:
                    break
            if time.monotonic() > deadline:
                raise RuntimeError(f"port {port} is still taken")
            time.sleep(0.1)

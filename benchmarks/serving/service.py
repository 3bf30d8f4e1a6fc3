"""The service that one writes in an afternoon: FastAPI in front of the TorchScript model."""

import json
import os
from pathlib import Path

import anyio
import torch
from fastapi import FastAPI, Request

from pipeline import TOP, prepare

OUT = Path(__file__).resolve().parent / "out"

torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
model = torch.jit.load(OUT / "resnet18.pt").eval()
if os.environ.get("OPTIMIZE"):
    model = torch.jit.optimize_for_inference(torch.jit.freeze(model))
names = json.loads((OUT / "index_to_name.json").read_text())
# More at a time would only get in each other's way.
limit = anyio.CapacityLimiter(int(os.environ["AT_A_TIME"]))
app = FastAPI()


def answer(data):
    with torch.inference_mode():
        scores = model(prepare(data).unsqueeze(0))
        best, places = torch.softmax(scores[0], 0).topk(TOP)
    return {names[str(i)]: p for i, p in zip(places.tolist(), best.tolist())}


@app.post("/predict")
async def predict(request: Request):
    # On a thread of the pool, so that the event loop goes on reading.
    return await anyio.to_thread.run_sync(answer, await request.body(), limiter=limit)


@app.get("/ready")
def ready():
    return os.getpid()

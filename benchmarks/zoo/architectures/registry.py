"""What an architecture is: a name, a family, how it is built, and the inputs that it is tried with."""

import dataclasses
from collections.abc import Callable

import torch


@dataclasses.dataclass(frozen=True)
class Numbers:
    """An input of normally distributed numbers."""

    shape: tuple

    def make(self):
        return torch.randn(self.shape)


@dataclasses.dataclass(frozen=True)
class Ids:
    """An input of whole numbers from 0 to below `high`."""

    shape: tuple
    high: int

    def make(self):
        return torch.randint(0, self.high, self.shape)


def floats(*shape):
    return Numbers(shape)


def ids(high, *shape):
    return Ids(shape, high)


def batches(inputs, times):
    """The same inputs with more items."""
    return [dataclasses.replace(one, shape=(one.shape[0] * times, *one.shape[1:])) for one in inputs]


@dataclasses.dataclass(frozen=True)
class Architecture:
    name: str
    family: str
    description: str
    build: Callable
    inputs: list
    others: list  # other sizes, the most telling first: the first that the traced module can take is kept
    script: bool  # scripted, where tracing would lose a loop or a branch
    batched: bool  # the first dimension of every input counts items


ZOO: dict[str, Architecture] = {}


def add(name, family, description, build, inputs, *others, script=False, batched=True):
    """`others` are lists of inputs like `inputs`; a batch of two is tried last."""
    others = [*others, batches(inputs, 2)] if batched else list(others)
    ZOO[name] = Architecture(name, family, description, build, inputs, others, script, batched)


def image(size, channels=3, items=1):
    return [floats(items, channels, size, size)]

"""The zoo's architectures: every family that a stranger may bring, with random weights."""

from . import audio, cnn, dense, generators, graphs, hybrids, mobile, pixels, recommenders, recurrent, sequences, tabular
from . import text, timeseries, transformers_vision  # noqa: F401
from .registry import ZOO  # noqa: F401

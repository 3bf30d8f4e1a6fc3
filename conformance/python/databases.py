"""PyTorch's databases of operators and modules as calls: a module that takes tensors alone, and the tensors."""

import itertools
import random
import zlib

import numpy
import torch
from torch.testing._internal.common_methods_invocations import op_db
from torch.testing._internal.common_modules import module_db
from torch.utils import _pytree as pytree

TYPES = [torch.float32, torch.float64, torch.bfloat16, torch.float16, torch.int64, torch.int32, torch.uint8, torch.bool]

# What nobody wrote is in their answers.
UNWRITTEN = {"empty", "empty_like", "empty_permuted", "empty_strided", "new_empty", "new_empty_strided"}

# What arithmetic has to carry through: each is told from its neighbours in an answer.
SPECIAL = [float("nan"), 1.5, float("inf"), -0.0, float("-inf"), -2.25, 1e-40, 3.4e38, 0.0, -1e-40, 1e10, -3.4e38]

# Their second argument is a layer's weights.
WEIGHTED = {f"nn.functional.conv{kind}" for kind in ("1d", "2d", "3d", "_transpose1d", "_transpose2d", "_transpose3d")}
WEIGHTED |= {"nn.functional.linear"}

SAMPLES_LOOKED_AT = 60
MOST_BYTES = 1 << 15


class Call:
    """One call of one operator or module: what is to be traced, and the tensors it takes."""

    def __init__(self, name, operator, dtype, module, tensors):
        self.name, self.operator, self.dtype = name, operator, str(dtype).removeprefix("torch.")
        self.module, self.tensors = module, tensors


class Bound(torch.nn.Module):
    """A function with everything but its tensors filled in, or but the first of them."""

    def __init__(self, function, args, kwargs, inputs):
        super().__init__()
        self.leaves, self.form = pytree.tree_flatten((args, kwargs))
        self.places = [i for i, leaf in enumerate(self.leaves) if isinstance(leaf, torch.Tensor)][:inputs]
        self.function = function

    def forward(self, *tensors):
        leaves = list(self.leaves)
        for place, tensor in zip(self.places, tensors, strict=True):
            leaves[place] = tensor
        args, kwargs = pytree.tree_unflatten(leaves, self.form)
        return self.function(*args, **kwargs)


def entries():
    """Each entry of both databases, in their order."""
    operators = [info for info in op_db if info.name not in UNWRITTEN]
    return [("op", info) for info in operators] + [("module", info) for info in module_db]


def calls(kind, info, note):
    """The calls of one entry; what cannot be made is noted."""
    made = operator_calls if kind == "op" else module_calls
    for dtype in TYPES:
        try:
            yield from made(info, dtype)
        except Exception as error:
            note("no samples", f"{info.name} {dtype}: {error}")


def operator_calls(info, dtype):
    if dtype not in info.supported_dtypes("cpu"):
        return
    operator = ".".join(filter(None, (info.name, info.variant_test_name)))
    seed(operator, dtype)
    samples = [
        ((sample.input, *sample.args), sample.kwargs)
        for sample in itertools.islice(info.sample_inputs("cpu", dtype, requires_grad=False), SAMPLES_LOOKED_AT)
    ]
    name = f"{operator} {str(dtype).removeprefix('torch.')}"
    chosen = spread([one for one in samples if small(one)], 3 if dtype == torch.float32 else 2)
    for number, (args, kwargs) in enumerate(chosen):
        yield call(f"{name} {number}", operator, dtype, info.op, args, kwargs)
    if dtype != torch.float32 or not chosen:
        return
    if info.name in WEIGHTED:
        # As a model has them: constants, which frozen ways lay out once.
        for number, (args, kwargs) in enumerate(spread([one for one in samples if small(one)], 12)):
            yield call(f"{name} weights {number}", operator, dtype, info.op, args, kwargs, inputs=1)
    args, kwargs = chosen[0]
    yield call(f"{name} special", operator, dtype, info.op, *pytree.tree_map(special, (args, kwargs)))
    if info.inplace_variant:
        yield call(f"{name} in place", operator, dtype, info.inplace_variant, args, kwargs)


def module_calls(info, dtype):
    if dtype not in info.supported_dtypes("cpu"):
        return
    operator = info.name
    seed(operator, dtype)
    inputs = info.module_inputs_func(info, device="cpu", dtype=dtype, requires_grad=False, training=False)
    inputs = list(itertools.islice(inputs, SAMPLES_LOOKED_AT))
    with_calls = [one for one in inputs if one.forward_input is not None and small((one.forward_input.args, one.forward_input.kwargs))]
    name = f"{operator} {str(dtype).removeprefix('torch.')}"
    for number, one in enumerate(spread(with_calls, 4 if dtype == torch.float32 else 2)):
        made = one.constructor_input
        seed(operator, dtype)
        module = info.module_cls(*made.args, **made.kwargs).to(dtype).eval()
        yield call(f"{name} {number}", operator, dtype, module, one.forward_input.args, one.forward_input.kwargs)


def call(name, operator, dtype, function, args, kwargs, inputs=None):
    """inputs: how many of the tensors are arguments; the others are constants."""
    module = Bound(function, args, kwargs, inputs).eval()
    # Contiguous, for that is how they are written down.
    tensors = [
        leaf.detach().clone(memory_format=torch.contiguous_format if leaf.layout == torch.strided else torch.preserve_format)
        for leaf in (module.leaves[place] for place in module.places)
    ]
    return Call(name, operator, dtype, module, tensors)


def seed(*key):
    number = zlib.crc32(" ".join(map(str, key)).encode())
    torch.manual_seed(number)
    numpy.random.seed(number)
    random.seed(number)


def small(arguments):
    tensors = [leaf for leaf in pytree.tree_leaves(arguments) if isinstance(leaf, torch.Tensor)]
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors) <= MOST_BYTES


def spread(found, count):
    """The first, the last, and as many between them as are wanted: their neighbours are alike."""
    if len(found) <= count:
        return found
    return [found[i * (len(found) - 1) // (count - 1)] for i in range(count)]


def special(leaf):
    """The same tensor with every other number a special one."""
    if not isinstance(leaf, torch.Tensor) or leaf.dtype != torch.float32:
        return leaf
    numbers = leaf.detach().clone(memory_format=torch.contiguous_format).reshape(-1)
    places = torch.arange(0, numbers.numel(), 2)
    numbers[places] = torch.tensor(SPECIAL)[torch.arange(len(places)) % len(SPECIAL)]
    return numbers.reshape(leaf.shape)

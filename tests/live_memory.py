"""How many bytes of tensors are alive at the worst moment of a call."""

import weakref

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves


class Peak(TorchDispatchMode):
    """Counts every storage that an operation makes, until it is freed."""

    def __init__(self):
        super().__init__()
        self.alive, self.now, self.bytes = {}, 0, 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        out = func(*args, **(kwargs or {}))
        for tensor in tree_leaves(out):
            if isinstance(tensor, torch.Tensor):
                self.add(tensor.untyped_storage())
        self.bytes = max(self.bytes, self.now)
        return out

    def add(self, storage):
        key = storage._cdata
        if key in self.alive:
            return
        size = storage.nbytes()
        self.alive[key] = size
        self.now += size
        weakref.finalize(storage, self.drop, key)

    def drop(self, key):
        self.now -= self.alive.pop(key, 0)


def peak_bytes(call):
    """Bytes of the tensors that `call` makes, at their most, without gradients."""
    with torch.no_grad(), Peak() as peak:
        call()
    return peak.bytes

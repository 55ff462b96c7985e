"""
The safetensors format: eight bytes of header length, a JSON header with the place of each tensor, little-endian data.
Written here because the package of that name is not everywhere where PyTorch is.
"""
import ctypes
import hashlib
import json
import mmap
import os
import struct
import tempfile

import torch

from .errors import Refused

DTYPES = {
    'F32': torch.float32,
    'F64': torch.float64,
    'U8': torch.uint8,
    'I8': torch.int8,
    'I16': torch.int16,
    'I32': torch.int32,
    'I64': torch.int64,
}
NAMES = {dtype: name for name, dtype in DTYPES.items()}
LONGEST_HEADER = 100_000_000


def read(path):
    """(tensors by name, metadata). The file is mapped: what is not used is not read."""
    try:
        with open(path, 'rb') as file:
            memory = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
    except (OSError, ValueError) as error:
        raise Refused('%s cannot be read (%s)' % (path, error), 'a safetensors file')
    try:
        (length,) = struct.unpack_from('<Q', memory)
        if length > min(LONGEST_HEADER, len(memory) - 8):
            raise ValueError('a header of %d bytes' % length)
        header = json.loads(memory[8 : 8 + length].decode('utf-8'))
        metadata = header.pop('__metadata__', {})
        tensors = {name: tensor_at(memory, 8 + length, place) for name, place in within(header, memory, 8 + length)}
        return tensors, metadata
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError, struct.error) as error:
        raise Refused('%s is no safetensors file (%s)' % (path, error), 'one that nas has written')


def within(header, memory, start):
    """The entries, once it is known that they take no more than the file: some are copied."""
    total = sum(end - begin for begin, end in (place['data_offsets'] for place in header.values()))
    if total != len(memory) - start:
        raise ValueError('%d bytes of tensors in %d of data' % (total, len(memory) - start))
    return header.items()


def tensor_at(memory, start, place):
    dtype, shape = DTYPES[place['dtype']], place['shape']
    begin, end = place['data_offsets']
    count = 1
    for size in shape:
        if size < 0:
            raise ValueError('a dimension of %d' % size)
        count *= size
    bytes_each = torch.empty((), dtype=dtype).element_size()
    if end - begin != count * bytes_each or begin < 0 or start + end > len(memory):
        raise ValueError('data from %d to %d' % (begin, end))
    if count == 0:
        return torch.empty(shape, dtype=dtype)
    if (start + begin) % bytes_each != 0:
        return torch.frombuffer(bytearray(memory[start + begin : start + end]), dtype=dtype).view(shape)
    return torch.frombuffer(memory, dtype=dtype, count=count, offset=start + begin).view(shape)


def write(path, tensors, metadata=None):
    """Writes to a file beside it first: `path` is whole or as it was."""
    folder = os.path.dirname(path) or '.'
    os.makedirs(folder, exist_ok=True)
    with Temporary(folder) as file:
        for part in parts_of(tensors, metadata):
            file.write(part)
        file.publish(path)


def write_by_digest(folder, tensors, metadata=None):
    """Writes `<SHA-256 of the content>.safetensors` into a folder and returns its path."""
    os.makedirs(folder, exist_ok=True)
    digest = hashlib.sha256()
    with Temporary(folder) as file:
        for part in parts_of(tensors, metadata):
            digest.update(part)
            file.write(part)
        path = os.path.join(folder, digest.hexdigest() + '.safetensors')
        file.publish(path)
    return path


def parts_of(tensors, metadata):
    """The bytes of a file, one tensor after the other in the order of their names."""
    whole = {name: tensors[name].detach().cpu().contiguous() for name in sorted(tensors)}
    header = {'__metadata__': metadata} if metadata else {}
    offset = 0
    for name, tensor in whole.items():
        end = offset + tensor.numel() * tensor.element_size()
        header[name] = {'dtype': NAMES[tensor.dtype], 'shape': list(tensor.shape), 'data_offsets': [offset, end]}
        offset = end
    text = json.dumps(header, separators=(',', ':')).encode('utf-8')
    text += b' ' * (-len(text) % 8)
    yield struct.pack('<Q', len(text)) + text
    for tensor in whole.values():
        yield ctypes.string_at(tensor.data_ptr(), tensor.numel() * tensor.element_size())


class Temporary:
    """A file that takes its place when it is finished, and is gone otherwise."""

    def __init__(self, folder):
        handle, self._path = tempfile.mkstemp(prefix='.partial-', dir=folder)
        self._file = os.fdopen(handle, 'wb')

    def __enter__(self):
        return self

    def write(self, data):
        self._file.write(data)

    def publish(self, path):
        self._file.flush()
        os.fsync(self._file.fileno())
        os.replace(self._path, path)
        self._path = None

    def __exit__(self, *_):
        self._file.close()
        if self._path is not None:
            os.unlink(self._path)

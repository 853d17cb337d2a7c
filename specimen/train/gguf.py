"""Writes a GGUF file (format version 3, little endian): ggml-org/ggml docs/gguf.md."""

import struct

import numpy as np

ALIGN = 32
F32, F16 = 0, 1


def _string(text):
    data = text.encode()
    return struct.pack("<Q", len(data)) + data


def _value(value):
    """A metadata value with its type; a Python int is u32, a float f32, a list takes the type of its first item."""
    if isinstance(value, bool):
        return 7, struct.pack("<?", value)
    if isinstance(value, np.integer):
        return 5, struct.pack("<i", int(value))
    if isinstance(value, int):
        return 4, struct.pack("<I", value)
    if isinstance(value, float):
        return 6, struct.pack("<f", value)
    if isinstance(value, str):
        return 8, _string(value)
    kinds = [_value(item) for item in value]
    return 9, struct.pack("<IQ", kinds[0][0], len(kinds)) + b"".join(data for _, data in kinds)


def write(path, metadata, tensors):
    """`tensors`: name -> numpy array, float16 or float32; a matrix is (rows, columns) as PyTorch has it."""
    head = [b"GGUF", struct.pack("<IQQ", 3, len(tensors), len(metadata))]
    for key, value in metadata.items():
        kind, data = _value(value)
        head.append(_string(key) + struct.pack("<I", kind) + data)
    offset = 0
    for name, array in tensors.items():
        kind = F16 if array.dtype == np.float16 else F32
        dims = array.shape[::-1]
        head.append(_string(name) + struct.pack("<I", len(dims)) + b"".join(struct.pack("<Q", d) for d in dims) + struct.pack("<IQ", kind, offset))
        offset += -(-array.nbytes // ALIGN) * ALIGN
    with open(path, "wb") as f:
        data = b"".join(head)
        f.write(data + b"\0" * (-len(data) % ALIGN))
        for array in tensors.values():
            raw = np.ascontiguousarray(array).tobytes()
            f.write(raw + b"\0" * (-len(raw) % ALIGN))

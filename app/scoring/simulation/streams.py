"""Random numbers by name: the same seed, name and number give the same draw, whoever asks.

A draw belongs to what it is drawn for, not to when. So neither the order of units nor one
more indicator, weight or draw changes what the others get.
"""

from hashlib import blake2b

import numpy as np


def stream(seed: int, *name: str, number: int = 0) -> np.random.Generator:
    """The generator of everything drawn for `name`, or of its draw `number` alone.

    Counter-based (Philox): the name is the key, the number a place far along the counter.
    """
    words = "\x1f".join((str(seed), *name)).encode()
    key = int.from_bytes(blake2b(words, digest_size=16).digest(), "big")
    return np.random.Generator(np.random.Philox(key=key, counter=number << 128))

"""Streams of random numbers, each found from its place alone: no state is shared and no order of calls matters."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import IntEnum, auto

import numpy as np
from numpy.typing import DTypeLike

from valuation.timeline import CASE, FloatArray

NAME_BYTES = 16
"""Bytes that the name of a driver is hashed to: enough that no two names in use ever meet."""
TURN = 2.0 * np.pi
"""A full turn [radians]."""


class Use(IntEnum):
    """What a stream is for. The numbers are part of every stream's key: new uses go last."""

    NORMALS = auto()
    MIXING = auto()
    STRATA = auto()
    SCRAMBLING = auto()


@dataclass(frozen=True)
class Place:
    """Where draws belong.

    Attributes
    ----------
    seed : int
        Seed of the run, zero or above.
    scrambling : int
        Number of the independent replicate.
    block : int
        Number of the block of paths in it.
    """

    seed: int
    scrambling: int
    block: int


def stream(place: Place, use: Use, name: str = "") -> np.random.Generator:
    """Generator of one driver in one block.

    Parameters
    ----------
    place : Place
        Seed, scrambling and block.
    use : Use
        What the numbers are for.
    name : str
        Name of the driver. It is hashed, so that a driver's numbers do not depend on which others there are.

    Returns
    -------
    numpy.random.Generator
        A fresh Philox generator.

    Notes
    -----
    Salmon and others (2011), *Parallel random numbers: as easy as 1, 2, 3*. The key comes from `SeedSequence`, whose
    spawn keys here all have the same make-up: use, scrambling, name, block.
    """
    digest = hashlib.blake2b(name.encode(), digest_size=NAME_BYTES).digest()
    words = np.frombuffer(digest, dtype="<u4").tolist()
    key = (int(use), place.scrambling, *words, place.block)
    return np.random.Generator(np.random.Philox(np.random.SeedSequence(place.seed, spawn_key=key)))


def standard_normals(random: np.random.Generator, shape: tuple[int, ...], dtype: DTypeLike) -> FloatArray:
    """Independent standard normal numbers.

    In double precision they come from the generator's ziggurat, in single precision from `box_muller`, which costs
    about half as much.

    Parameters
    ----------
    random : numpy.random.Generator
        Where the numbers come from; it moves on.
    shape : tuple of int
        Their shape.
    dtype : numpy.dtype
        Single or double precision.
    """
    return box_muller(random, shape) if np.dtype(dtype) == np.float32 else random.standard_normal(shape)


def box_muller(random: np.random.Generator, shape: tuple[int, ...]) -> FloatArray:
    r"""Independent standard normal numbers in single precision.

    .. math:: \sqrt{-2 \ln(1 - u)}\,(\cos 2\pi v,\ \sin 2\pi v)

    The uniforms have 24 bits, so none is beyond 5.77 in size: eight in 10^9 should be.

    Parameters
    ----------
    random : numpy.random.Generator
        Where the numbers come from; it moves on.
    shape : tuple of int
        Their shape.

    Notes
    -----
    Box and Muller (1958), *A note on the generation of random normal deviates*.
    """
    count = int(np.prod(shape))
    half = (count + 1) // 2
    normals = np.empty(2 * half, dtype=np.float32)
    cosine, sine = normals[:half], normals[half:]
    radius = random.random(half, dtype=np.float32)
    random.random(out=sine, dtype=np.float32)
    np.subtract(1.0, radius, out=radius)
    np.log(radius, out=radius)
    radius *= np.float32(-2.0)
    np.sqrt(radius, out=radius)
    sine *= np.float32(TURN)
    np.cos(sine, out=cosine)
    np.sin(sine, out=sine)
    cosine *= radius
    sine *= radius
    return np.asarray(normals[:count].reshape(shape))


def mirrored(values: FloatArray, sign: float = -1.0) -> FloatArray:
    """Antithetic pairs side by side: path 2j carries a value, path 2j + 1 the same times the sign.

    Side by side, pairs stay whole when an even number of paths is kept of a block.

    Parameters
    ----------
    values : numpy.ndarray
        Shape (..., n/2).
    sign : float
        -1 for what changes sign in the pair, 1 for what is shared.

    Returns
    -------
    numpy.ndarray
        Shape (..., n).
    """
    pairs = np.empty((*values.shape[:CASE], 2 * values.shape[CASE]), dtype=values.dtype)
    pairs[..., ::2] = values
    np.multiply(values, values.dtype.type(sign), out=pairs[..., 1::2])
    return pairs

"""Weights that readers sent, by their digest: a study and its link name them, the server keeps a few.

A file is read once, when it comes. What was refused costs a sentence and changes nothing.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from dataclasses import replace

import streamlit as st
from torch import Tensor

from interface.neural.study import Study
from landscapes.neural.training import network
from landscapes.neural.uploaded import fitting, read_state

KEPT = 16  # files, of `uploaded.LARGEST` bytes at most


@st.cache_resource(show_spinner=False)
def _kept() -> tuple[threading.Lock, OrderedDict[str, dict[str, Tensor]]]:
    return threading.Lock(), OrderedDict()


def keep(content: bytes, study: Study) -> str:
    """Read a file for the network of a study and keep it; its digest.

    Raises:
        ValueError: the file does not hold weights of this network; the message says why.
    """
    state = read_state(content)
    training = replace(study, weights="").training()
    fitting(state, network(training, training.data.load()))
    digest = hashlib.sha256(content).hexdigest()[:16]
    lock, known = _kept()
    with lock:
        known[digest] = state
        known.move_to_end(digest)
        while len(known) > KEPT:
            known.popitem(last=False)
    return digest


def kept(digest: str) -> dict[str, Tensor]:
    """The state dict of a digest.

    Raises:
        ValueError: this server does not have it, or no longer.
    """
    lock, known = _kept()
    with lock:
        if digest not in known:
            raise ValueError(
                "the weights of this link were sent in a file that is no longer kept: send the file again"
            )
        known.move_to_end(digest)
        return known[digest]

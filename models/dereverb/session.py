"""Networks in onnxruntime, on one core: without torch, and in two thirds of its time."""

import json

import onnxruntime

from tonewright.models.dereverb.bands import Shape


def open_session(model: bytes) -> onnxruntime.InferenceSession:
    """Return a session on one core for a graph, as ``export`` writes it."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def shape_of(session: onnxruntime.InferenceSession) -> Shape:
    """Return the shape that a graph was exported with."""
    return Shape(**json.loads(session.get_modelmeta().custom_metadata_map["shape"]))

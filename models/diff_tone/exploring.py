"""Several switch positions of one edit: what each keeps, what each becomes, and why auto chose.

Every position is rendered as the effect itself would render it, under the key that it will have in
a project; the states of the recording are kept (``keeping``), so that a position costs the steps
behind its switch only.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from tonewright.dsp.audio.resample import resample
from tonewright.dsp.audio.signal import Audio
from tonewright.dsp.effects.registry import Registry
from tonewright.dsp.errors import EffectError
from tonewright.dsp.rendering.graph import Evaluation, Node
from tonewright.dsp.rendering.job import CancelToken, Report, share
from tonewright.dsp.rendering.nodes import Effects, Stored
from tonewright.dsp.rendering.store import Store
from tonewright.models.diff_tone.algorithm import Run
from tonewright.models.diff_tone.classifier import Reporting
from tonewright.models.diff_tone.effect import InstrumentChange
from tonewright.models.diff_tone.effect_type import AUTO
from tonewright.models.diff_tone.features import SAMPLE_RATE
from tonewright.models.diff_tone.hearing import likeliest
from tonewright.models.diff_tone.instruments import NAMES, named_in
from tonewright.models.diff_tone.measures import chroma_similarity, reported
from tonewright.models.diff_tone.opening import open_model, open_reporting

DECISION_SHARE = 0.3
BLOCK_SAMPLES = 65_536


def explore(
    *,
    node: Stored,
    positions: Sequence[float],
    store: Store,
    registry: Registry,
    report: Report,
    cancel: CancelToken,
) -> dict[str, Any]:
    """Render an edit at several switch positions, and say what came of each.

    Args:
        node: The edit as it is planned: a change of instrument on what is to be edited.
        positions: Switches, 0 to 100 %; the automatic one is added.
        store: Where the audio goes.
        registry: Makes the effect.
        report: Told how far it is.
        cancel: Stops it, also inside a step.

    Returns:
        ``"source"`` and ``"target"`` as prompts; ``"exact"``, whether the clip was made here;
        ``"inversion"``, that of the path that is told of, empty for such a clip;
        ``"reconstruction_percent"``, how far its path ends from the recording, of the spread of its
        latent; ``"automatic_percent"``
        (None if the model cannot decide); ``"instruments"`` and ``"trace"``: the listener's
        probabilities of them at every step, with ``"trace_percent"``, where that step is;
        ``"points"``, each with ``"switch"`` as the effect's parameter takes it,
        ``"switch_percent"``, ``"key"`` in the store, ``"content_kept"``, ``"target_probability"``
        (None if the target names no known instrument), and the likeliest ``"instruments"``.

    Raises:
        EffectError: If the node is no such edit, or the effect cannot be made.
    """
    if not isinstance(node.source, Effects) or len(node.source.effects) != 1:
        raise EffectError(f"{node.label}: is no single change of instrument")
    bound = node.source.effects[0]
    params = dict(bound.params)
    audio = _read(node.source.source, store, registry, cancel)
    if not audio.any():
        raise EffectError(f"{node.label}: there is nothing to hear there; choose another range")
    # A model that cannot decide is asked nothing.
    decides = open_model(str(params["model"])).listener is not None
    asked = params | {"switch": AUTO if decides else "0"}
    change = registry.make(bound.type, asked, seed=bound.seed)
    assert isinstance(change, InstrumentChange)
    deciding = Run(share(report, 0.0, DECISION_SHARE), cancel)
    decision = change.decide(audio, node.sample_rate, deciding)
    reporting = open_reporting(str(params["model"]))
    before = _at_44100(audio, node.sample_rate)
    switches: list[tuple[float, str]] = [(each, f"{each:g}") for each in sorted(set(positions))]
    automatic = None
    if decides:
        automatic = 100.0 * decision.switch / decision.steps
        switches = sorted([*switches, (automatic, AUTO)])
    points = []
    for number, (percent, switch) in enumerate(switches):
        begin = DECISION_SHARE + (1.0 - DECISION_SHARE) * number / len(switches)
        end = DECISION_SHARE + (1.0 - DECISION_SHARE) * (number + 1) / len(switches)
        made = with_switch(node, switch)
        if store.get(made.key) is None:
            part = share(report, begin, end)
            made.render(store=store, registry=registry, report=part, cancel=cancel)
        after = _at_44100(_stored(made.key, store), node.sample_rate)[:, : before.shape[1]]
        points.append(
            {"switch": switch, "switch_percent": percent, "key": made.key}
            | _measured(before, after, named_in(decision.target), reporting)
        )
    trace, path = decision.editing.trace, decision.editing.path
    error = decision.editing.reconstruction_error()
    return {
        "source": decision.source,
        "target": decision.target,
        "exact": bool(params["origin"]),
        "inversion": path.inversion.value if path.inversion else "",
        "reconstruction_percent": 100.0 * error / float(path.end.std()),
        "steps": decision.steps,
        "automatic_percent": automatic,
        "instruments": list(trace.names),
        "trace": [[round(each, 4) for each in step] for step in trace.probabilities],
        "trace_percent": [100.0 * step / decision.steps for step in range(len(trace.labels))],
        "sample_rate": node.sample_rate,
        "points": points,
    }


def with_switch(node: Stored, switch: str) -> Stored:
    """Return an edit with its switch somewhere else."""
    assert isinstance(node.source, Effects)
    bound = node.source.effects[0]
    params = tuple(sorted((dict(bound.params) | {"switch": switch}).items()))
    effects = (replace(bound, params=params),)
    return replace(node, source=replace(node.source, effects=effects))


def _measured(before: Audio, after: Audio, target: str, reporting: Reporting) -> dict[str, Any]:
    """Return what an edit keeps and becomes; both at 44.1 kHz."""
    after = np.pad(after, ((0, 0), (0, before.shape[1] - after.shape[1])))
    answer = reported(reporting, after)
    probability = float(answer[NAMES.index(target)]) if target else None
    return {
        "content_kept": chroma_similarity(before, after),
        "target_probability": probability,
        "instruments": likeliest(answer),
    }


def _read(node: Node, store: Store, registry: Registry, cancel: CancelToken) -> Audio:
    run = Evaluation([node], store=store, registry=registry, cancel=cancel)
    return np.concatenate(list(run.open(node)), axis=1)


def _stored(key: str, store: Store) -> Audio:
    return np.concatenate(list(store.read(key, BLOCK_SAMPLES)), axis=1)


def _at_44100(audio: Audio, sample_rate: int) -> Audio:
    return np.ascontiguousarray(resample(audio, sample_rate, SAMPLE_RATE))

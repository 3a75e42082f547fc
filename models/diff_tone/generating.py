"""A clip from a prompt and a seed, and the recipe that makes it again."""

from dataclasses import replace
from typing import Any

from tonewright.dsp.effects.registry import Registry
from tonewright.dsp.errors import EffectError
from tonewright.dsp.rendering.job import CancelToken, Report, share
from tonewright.dsp.rendering.key import content_key
from tonewright.dsp.rendering.store import Store
from tonewright.models.diff_tone.algorithm import Run
from tonewright.models.diff_tone.embedded import Embedded
from tonewright.models.diff_tone.instruments import NAMES, named_in, unknown_words
from tonewright.models.diff_tone.keeping import KEPT
from tonewright.models.diff_tone.opening import open_model
from tonewright.models.diff_tone.origin import LONGEST_SECONDS, Origin, Remade


def generate(
    *,
    prompt: str,
    seconds: float,
    seed: int,
    steps: int,
    guidance: float,
    model: str,
    store: Store,
    registry: Registry,
    report: Report,
    cancel: CancelToken,
) -> dict[str, Any]:
    """Make a clip and put it into the store; one that is there is not made again.

    Args:
        prompt: What to play, and what plays it.
        seconds: How long, up to a minute.
        seed: Of the noise that it begins with.
        steps: Of the sampler.
        guidance: To the prompt.
        model: As of ``opening.open_model``.
        store: Where the clip goes.
        registry: Not needed.
        report: Told of every step.
        cancel: Looked at inside steps.

    Returns:
        ``"key"`` of the clip in the store, its ``"sample_rate"`` and ``"origin"`` (``Origin`` as
        JSON), ``"weights_sha256"``, and ``"unread"``, words of the prompt that the model does not
        know.

    Raises:
        EffectError: If the prompt or the length is nothing that can be made, or the model is not
            there.
    """
    del registry
    if not 0.1 <= seconds <= LONGEST_SECONDS:
        raise EffectError(f"a clip lasts 0.1 to {LONGEST_SECONDS:.0f} s, not {seconds:g}")
    opened = open_model(model)
    unread: list[str] = []
    if isinstance(opened.backend, Embedded):
        unread = unknown_words(prompt)
        if not named_in(prompt):
            raise EffectError(
                f"{prompt!r} names no instrument that is known; there are: {', '.join(NAMES)}"
            )
    length_samples = round(seconds * opened.backend.sample_rate)
    origin = Origin(prompt, length_samples, seed, steps, guidance, model, opened.key)
    # Where the model lies is no part of the sound.
    key = content_key(replace(origin, model=""))
    if store.get(key) is None:
        run = Run(share(report, 0.0, 0.9), cancel)
        clip = KEPT.get(
            (opened.key, origin),
            lambda: Remade(opened.backend, origin, listener=opened.listener, run=run),
        )
        assert isinstance(clip, Remade)
        recipe = {"label": prompt, "origin": origin.to_text()}
        with store.write(key, sample_rate=opened.backend.sample_rate, recipe=recipe) as out:
            out.add(clip.audio)
    return {
        "key": key,
        "sample_rate": opened.backend.sample_rate,
        "origin": origin.to_text(),
        "weights_sha256": opened.key,
        "unread": unread,
    }

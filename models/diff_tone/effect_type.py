"""The change of instrument as plain data: importing this loads no network and no torch."""

import hashlib

from tonewright.dsp.effects.protocol import EffectType, Layout, Parameter, ParameterKind, RunsIn
from tonewright.models.diff_tone.instruments import NAMES

EMBEDDED = "embedded"
AUTO = "auto"

WEIGHTS = {
    "diff_tone-denoiser.safetensors": (
        "727a00ae573886666bb7ad711e92f90f8e59b0c8e2cc882af3c31ed22e20bbb5"
    ),
    "diff_tone-steering.safetensors": (
        "c40f3e5cd3c76044808fb6e89585fcd26d5a5365199ad1e2c354c6fdf1b0a872"
    ),
    "diff_tone-choosing.safetensors": (
        "80ea97a96212c14ade1a613ea6370a42b173901a559e080084944792092473fb"
    ),
    "diff_tone-reporting.safetensors": (
        "48ac60ed31b842ff00f4945ca5f7d25ce55b101b2e20dabae7fc42614ee0137d"
    ),
}
"""The networks that ship, in ``resources/weights``, each with its checksum."""

SAMPLING_VERSION = 5
"""Another one where the same networks make something else: 2 since patches begin anywhere, 3 since
takes are chosen by their sound, 4 since windows lie elsewhere in every step, 5 since the first take
is edit-friendly."""


def _text(name: str, default: str, choices: tuple[str, ...], description: str) -> Parameter:
    return Parameter(
        name, default, kind=ParameterKind.TEXT, choices=choices, description=description
    )


def _choice(name: str, choices: tuple[str, ...], description: str) -> Parameter:
    return Parameter(
        name, choices[0], kind=ParameterKind.CHOICE, choices=choices, description=description
    )


def _share(name: str, default: float, description: str) -> Parameter:
    return Parameter(name, default, 0.0, 100.0, unit="%", description=description)


DIFF_TONE = EffectType(
    id="diff_tone",
    name="Change of instrument",
    factory="tonewright.models.diff_tone.effect:make",
    parameters=(
        _text("target", "cello", NAMES, "What is to play: an instrument, or a sentence naming one"),
        _text("source", AUTO, (AUTO, *NAMES), "What plays now; auto listens"),
        _text(
            "switch",
            AUTO,
            (AUTO, "0", "5", "10", "20", "30", "50"),
            "Where the target takes over, 0 to 100 % of the steps: less changes more; "
            "auto by the rule",
        ),
        _choice(
            "rule",
            (AUTO, "online", "offline"),
            "Where an automatic switch comes. auto: at once; online: when the "
            "classifier's answer is steady; offline: when it stays so",
        ),
        Parameter(
            "repeats", 1, 1, 10, ParameterKind.INT, description="Online: the same answer so often"
        ),
        _share("confidence", 50.0, "Online: and that sure of it"),
        _share("strength", 100.0, "How far the sound goes to the new one"),
        _choice(
            "inversion",
            (AUTO, "edit-friendly", "ddim", "sdedit"),
            "How a recording's noise is found. auto: edit-friendly, which is exact, but ddim and "
            "sdedit, which change more, for takes after the first",
        ),
        Parameter(
            "steps",
            14,
            2,
            200,
            ParameterKind.INT,
            description="More are slower, and finer with models that are not our own",
        ),
        Parameter(
            "guidance",
            4.0,
            0.0,
            15.0,
            description="How hard it goes for the target; gentle takes go half as far",
        ),
        Parameter(
            "takes",
            3,
            1,
            8,
            ParameterKind.INT,
            description="So many edits are tried, gentle to bold, until the target is heard",
        ),
        _share("keep_envelope", 0.0, "How far loudness follows the source's, moment by moment"),
        _text(
            "model",
            EMBEDDED,
            (EMBEDDED,),
            "Or a folder: a Stable Audio, AudioLDM 2 or MusicLDM pipeline, or networks of your own",
        ),
        _text("origin", "", (), "Of a clip from 'generate': its recipe, to edit it exactly"),
    ),
    runs_in=RunsIn.RENDERED,
    layout=Layout.PAIRS,
    block_tolerance_db=float("-inf"),
    seeded=True,
    version=SAMPLING_VERSION,
    weights_sha256=hashlib.sha256("".join(WEIGHTS.values()).encode()).hexdigest(),
    tools=(
        ("explore", "tonewright.models.diff_tone.exploring:explore"),
        ("generate", "tonewright.models.diff_tone.generating:generate"),
        ("hear", "tonewright.models.diff_tone.hearing:hear"),
    ),
    description="Another instrument plays what a recording plays, with a diffusion model",
)

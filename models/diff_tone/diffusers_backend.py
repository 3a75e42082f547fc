"""Text-to-music models of others, as backends: Stable Audio, AudioLDM 2 and MusicLDM.

``load`` takes a folder that holds a pipeline as the library diffusers saves it, or a hub's id. Only
the pipeline's networks are used; sampling is Diff-TONE's own, so that a prompt can be exchanged
between steps. Wants the extra ``diffusion``.

* **Stable Audio** works in sigma form with ``sigma_data`` 1 and predicts the velocity, which in
  variance-preserving form is ``diffusion.Prediction.VELOCITY`` as it stands; its time is
  ``2/pi atan(sigma)``. The latent always has the model's full length: shorter audio is followed by
  silence. Its null prompt is all zeros.
* **AudioLDM 2** and **MusicLDM** are told one of their training's steps, and predict noise or
  velocity as their scheduler says. Their latent is that of a log-mel spectrogram at the vocoder's
  rate, mono; their null prompt is the empty text. The tests hold small models of all three.
"""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from tonewright.dsp.audio.signal import Audio
from tonewright.dsp.errors import EffectError
from tonewright.models.diff_tone.backend import Backend, Check, Condition, unchecked
from tonewright.models.diff_tone.diffusion import Grid, Prediction, clean_of

MEL_FRAME_SAMPLES = 1_024
MEL_FLOOR = 1e-5
KNOWN = ("StableAudioPipeline", "AudioLDM2Pipeline", "MusicLDMPipeline")


def load(source: str) -> Backend:
    """Return the backend of a pipeline.

    Args:
        source: A folder with ``model_index.json``, or a hub's id such as
            ``stabilityai/stable-audio-open-1.0``.

    Raises:
        EffectError: If diffusers is not installed, the pipeline cannot be loaded, or it is none of
            the three.
    """
    try:
        from diffusers import DiffusionPipeline
    except ImportError as error:
        raise EffectError(
            f"{source}: needs diffusers; pip install 'tonewright[diffusion]'"
        ) from error
    is_folder = Path(source).is_dir()
    if is_folder and not (Path(source) / "model_index.json").is_file():
        raise EffectError(f"{source}: no model_index.json; choose a folder saved by diffusers")
    try:
        pipeline = DiffusionPipeline.from_pretrained(source, local_files_only=is_folder)
    except (OSError, ValueError, RuntimeError, ImportError, AttributeError) as error:
        raise EffectError(f"{source}: cannot be loaded ({error}); get the model again") from error
    kind = type(pipeline).__name__
    if kind not in KNOWN:
        raise EffectError(f"{source}: a {kind}; choose one of {', '.join(KNOWN)}")
    for part in pipeline.components.values():
        if isinstance(part, torch.nn.Module):
            part.eval().requires_grad_(requires_grad=False)
    if kind == "StableAudioPipeline":
        return StableAudio(pipeline)
    return LatentMel(pipeline)


@dataclass(frozen=True, slots=True)
class _Told:
    """A prompt and the null prompt, each as the arguments that the network takes."""

    prompt: dict[str, Any]
    null: dict[str, Any]


def _guided(
    network: Any, x: Tensor, time: Tensor, told: _Told, *, guidance: float, **shared: Any
) -> Tensor:
    """Return a network's prediction under classifier-free guidance."""
    if guidance in {0.0, 1.0}:
        one = told.null if guidance == 0.0 else told.prompt
        single: Tensor = network(x, time, **one, **shared, return_dict=False)[0]
        return single
    # One after the other: their texts may differ in length, which a batch would not allow.
    null, prompt = (
        network(x, time, **each, **shared, return_dict=False)[0]
        for each in (told.null, told.prompt)
    )
    guided: Tensor = null + guidance * (prompt - null)
    return guided


class StableAudio:
    """A ``StableAudioPipeline`` as a backend; attributes as of ``backend.Backend``."""

    def __init__(self, pipeline: Any) -> None:
        scheduler = pipeline.scheduler.config
        if scheduler.prediction_type != "v_prediction" or scheduler.sigma_data != 1.0:
            raise EffectError(
                f"Stable Audio with prediction {scheduler.prediction_type!r} and sigma_data "
                f"{scheduler.sigma_data} is not known; choose a model with v_prediction and 1.0"
            )
        self.name = "Stable Audio"
        self._pipeline = pipeline
        self._sigmas = (scheduler.sigma_max, scheduler.sigma_min)
        self.sample_rate = int(pipeline.vae.config.sampling_rate)
        self._hop = int(pipeline.vae.hop_length)
        self._frames = int(pipeline.transformer.config.sample_size)
        self._channels = int(pipeline.vae.config.audio_channels)

    @property
    def longest_samples(self) -> int:
        """How much audio the model makes at once."""
        return self._frames * self._hop

    def latent_shape(self, length_samples: int) -> tuple[int, ...]:
        """Return the shape of the latent, the same for every length."""
        self._require(length_samples)
        return (1, int(self._pipeline.transformer.config.in_channels), self._frames)

    @torch.inference_mode()
    def encode(self, audio: Audio) -> Tensor:
        """Return the latent of audio, silence behind it."""
        self._require(audio.shape[1])
        heard = torch.from_numpy(_with_channels(audio, self._channels))
        filled = functional.pad(heard, (0, self.longest_samples - audio.shape[1]))
        latent: Tensor = self._pipeline.vae.encode(filled[None]).latent_dist.mode()
        return latent

    @torch.inference_mode()
    def decode(self, latent: Tensor, length_samples: int, source: Audio | None = None) -> Audio:
        """Return the audio of a latent."""
        del source
        return np.asarray(self._pipeline.vae.decode(latent).sample[0, :, :length_samples])

    @torch.inference_mode()
    def condition(self, prompt: str, length_samples: int, source: Audio | None = None) -> Condition:
        """Return a prompt, and how long the audio is, as the transformer takes them."""
        del source
        device = torch.device("cpu")
        text = self._pipeline.encode_prompt([prompt], device, False)
        seconds = length_samples / self.sample_rate
        start, end = self._pipeline.encode_duration(0.0, seconds, device, False, 1)
        hidden = torch.cat([text, start, end], dim=1)
        both = torch.cat([start, end], dim=2)
        null = {"encoder_hidden_states": torch.zeros_like(hidden), "global_hidden_states": both}
        said = {"encoder_hidden_states": hidden, "global_hidden_states": both}
        return _Told(said if prompt else null, null)

    def grid(self, steps: int) -> Grid:
        """Return sigmas spaced evenly in logarithm, as its scheduler has them, and then 0."""
        sigmas = np.geomspace(*self._sigmas, steps)
        alphas = [1.0 / (1.0 + sigma**2) for sigma in sigmas]
        times = [2.0 / math.pi * math.atan(sigma) for sigma in sigmas]
        return Grid((*alphas, 1.0), (*times, 0.0))

    @torch.inference_mode()
    def clean(
        self,
        x: Tensor,
        grid: Grid,
        index: int,
        condition: Condition,
        *,
        guidance: float,
        check: Check = unchecked,
    ) -> Tensor:
        """Return the clean estimate for a state."""
        from diffusers.models.embeddings import get_1d_rotary_pos_embed

        check()
        rotary = get_1d_rotary_pos_embed(
            self._pipeline.rotary_embed_dim,
            x.shape[2] + condition.prompt["global_hidden_states"].shape[1],
            use_real=True,
            repeat_interleave_real=False,
        )
        predicted = _guided(
            self._pipeline.transformer, x, torch.tensor([grid.times[index]], dtype=x.dtype),
            condition, guidance=guidance, rotary_embedding=rotary,
        )  # fmt: skip
        return clean_of(predicted, x, grid.alphas[index], Prediction.VELOCITY)

    def _require(self, length_samples: int) -> None:
        if length_samples > self.longest_samples:
            raise EffectError(
                f"{self.name} makes at most {self.longest_samples} samples at once, not "
                f"{length_samples}; edit a shorter part"
            )


class LatentMel:
    """An ``AudioLDM2Pipeline`` or ``MusicLDMPipeline`` as a backend."""

    def __init__(self, pipeline: Any) -> None:
        config = pipeline.scheduler.config
        self.name = type(pipeline).__name__.removesuffix("Pipeline")
        self._pipeline = pipeline
        self._kind = Prediction(config.prediction_type)
        self._alphas = [float(alpha) for alpha in pipeline.scheduler.alphas_cumprod]
        vocoder = pipeline.vocoder.config
        self.sample_rate = int(vocoder.sampling_rate)
        self._hop = math.prod(vocoder.upsample_rates)
        self._bands = int(vocoder.model_in_dim)
        self._scale = int(pipeline.vae_scale_factor)

    def latent_shape(self, length_samples: int) -> tuple[int, ...]:
        """Return the shape of the latent: frames go along its third axis."""
        channels = int(self._pipeline.unet.config.in_channels)
        frames = self._frames(length_samples) // self._scale
        return (1, channels, frames, self._bands // self._scale)

    @torch.inference_mode()
    def encode(self, audio: Audio) -> Tensor:
        """Return the latent of the mean of all channels."""
        frames = self._frames(audio.shape[1])
        mono = torch.from_numpy(audio.mean(axis=0, keepdims=True))
        mel = log_mel(mono, self.sample_rate, self._hop, self._bands)
        mel = functional.pad(mel, (0, frames), value=math.log(MEL_FLOOR))[:, :, :frames]
        vae = self._pipeline.vae
        latent: Tensor = vae.encode(mel.transpose(1, 2)[:, None]).latent_dist.mode()
        return latent * vae.config.scaling_factor

    @torch.inference_mode()
    def decode(self, latent: Tensor, length_samples: int, source: Audio | None = None) -> Audio:
        """Return the audio of a latent, mono."""
        del source
        vae = self._pipeline.vae
        mel = vae.decode(latent / vae.config.scaling_factor).sample
        audio = self._pipeline.mel_spectrogram_to_waveform(mel).reshape(1, -1)
        missing = max(0, length_samples - audio.shape[1])
        return np.asarray(functional.pad(audio, (0, missing))[:, :length_samples])

    @torch.inference_mode()
    def condition(self, prompt: str, length_samples: int, source: Audio | None = None) -> Condition:
        """Return a prompt as the network takes it."""
        del length_samples, source
        return _Told(self._read(prompt), self._read(""))

    def grid(self, steps: int) -> Grid:
        """Return steps of the model's training, spaced evenly, noisiest first, and then clean."""
        last = len(self._alphas) - 1
        chosen = [round(last * (1.0 - n / steps)) for n in range(steps)]
        if len(set(chosen)) < steps:
            raise ValueError(f"{self.name} has {last + 1} steps, not {steps}")
        return Grid((*(self._alphas[n] for n in chosen), 1.0), (*(float(n) for n in chosen), 0.0))

    @torch.inference_mode()
    def clean(
        self,
        x: Tensor,
        grid: Grid,
        index: int,
        condition: Condition,
        *,
        guidance: float,
        check: Check = unchecked,
    ) -> Tensor:
        """Return the clean estimate for a state."""
        check()
        time = torch.tensor(round(grid.times[index]))
        predicted = _guided(self._pipeline.unet, x, time, condition, guidance=guidance)
        return clean_of(predicted, x, grid.alphas[index], self._kind)

    def _frames(self, length_samples: int) -> int:
        return max(1, -(-length_samples // (self._hop * self._scale))) * self._scale

    def _read(self, prompt: str) -> dict[str, Any]:
        device = torch.device("cpu")
        if self.name == "MusicLDM":
            return {"encoder_hidden_states": None, "class_labels": self._clap(prompt)}
        text, mask, generated = self._pipeline.encode_prompt(prompt, device, 1, False)
        return {
            "encoder_hidden_states": generated,
            "encoder_hidden_states_1": text,
            "encoder_attention_mask_1": mask,
        }

    def _clap(self, prompt: str) -> Tensor:
        """Return the embedding of a text, which the pipeline itself reads as one of older CLAPs."""
        tokenizer, encoder = self._pipeline.tokenizer, self._pipeline.text_encoder
        tokens = tokenizer(
            prompt, padding="max_length", max_length=tokenizer.model_max_length, truncation=True,
            return_tensors="pt",
        )  # fmt: skip
        features = encoder.get_text_features(tokens.input_ids, attention_mask=tokens.attention_mask)
        # transformers 5 returns the embedding as a part of more.
        embedding: Tensor = getattr(features, "pooler_output", features)
        return embedding


def log_mel(audio: Tensor, sample_rate: int, hop_samples: int, bands: int) -> Tensor:
    """Return the log-mel spectrogram that these vocoders know.

    Magnitudes of frames of 1,024 samples in Slaney's mel bands from 0 Hz to half the rate, each of
    area 1; natural logarithm above 1e-5.

    Shape:
        ``(batch, samples)`` to ``(batch, bands, frames)``, one frame every hop.
    """
    around = (MEL_FRAME_SAMPLES - hop_samples) // 2
    length = audio.shape[1]
    padded = functional.pad(audio, (around, around + hop_samples - 1))
    size = torch.stft(
        padded, MEL_FRAME_SAMPLES, hop_samples, window=torch.hann_window(MEL_FRAME_SAMPLES),
        center=False, return_complex=True,
    ).abs()  # fmt: skip
    weights = torch.from_numpy(_slaney(sample_rate, bands)).float()
    return (weights @ size).clamp(min=MEL_FLOOR).log()[:, :, : -(-length // hop_samples)]


def _slaney(sample_rate: int, bands: int) -> npt.NDArray[np.float64]:
    """Return the weights of bins in Slaney's mel bands, ``(bands, bins)``."""

    def hz(mel: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        above = 1_000.0 * np.exp((mel - 15.0) * np.log(6.4) / 27.0)
        return np.where(mel < 15.0, mel * 200.0 / 3.0, above)

    highest = 15.0 + 27.0 * np.log(sample_rate / 2_000.0) / np.log(6.4)
    edges = hz(np.linspace(0.0, highest, bands + 2))[:, None]
    bins = np.linspace(0.0, sample_rate / 2.0, MEL_FRAME_SAMPLES // 2 + 1)
    rising = (bins - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - bins) / (edges[2:] - edges[1:-1])
    weights = np.maximum(0.0, np.minimum(rising, falling))
    return np.asarray(weights * 2.0 / (edges[2:] - edges[:-2]))


def _with_channels(audio: Audio, channels: int) -> Audio:
    """Return audio with as many channels as a model wants: one for all, or their mean."""
    if len(audio) == channels:
        return audio
    mono = audio.mean(axis=0, keepdims=True)
    return np.repeat(mono, channels, axis=0)

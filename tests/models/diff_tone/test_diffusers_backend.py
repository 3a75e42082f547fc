"""Tiny pipelines of the three classes, with random weights, saved and loaded as a user's are."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tonewright.dsp.audio.signal import Audio
from tonewright.dsp.errors import EffectError
from tonewright.models.diff_tone.diffusers_backend import load, log_mel
from tonewright.models.diff_tone.editing import Editing, Settings
from tonewright.models.diff_tone.effect import Controls, InstrumentChange
from tonewright.models.diff_tone.keeping import Kept
from tonewright.models.diff_tone.opening import open_model

diffusers = pytest.importorskip("diffusers", reason="needs the extra 'diffusion'")
transformers = pytest.importorskip("transformers", reason="needs the extra 'diffusion'")

pytestmark = pytest.mark.filterwarnings("ignore")  # of the libraries, at their import and loading

WORDS = ["solo", "flute", "cello", "playing", "a", "slow", "melody"]


def word_tokenizer(start: str, end: str, pad: str) -> Any:
    """Return a tokenizer that knows a word where the real one has pieces of words."""
    from tokenizers import Tokenizer, models, pre_tokenizers

    vocabulary = {word: n for n, word in enumerate([start, pad, end, "<unk>", *WORDS])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token=start, eos_token=end, pad_token=pad,
        unk_token="<unk>", model_max_length=16,
    )  # fmt: skip


def stable_audio() -> Any:
    torch.manual_seed(1)
    text = transformers.T5EncoderModel(
        transformers.T5Config(vocab_size=32, d_model=16, d_kv=8, d_ff=16, num_layers=1, num_heads=2)
    )
    return diffusers.StableAudioPipeline(
        vae=diffusers.AutoencoderOobleck(
            encoder_hidden_size=8, downsampling_ratios=[2, 4], decoder_channels=4,
            decoder_input_channels=4, audio_channels=2, channel_multiples=[1, 2],
            sampling_rate=8_000,
        ),
        text_encoder=text.eval(),
        projection_model=diffusers.StableAudioProjectionModel(
            text_encoder_dim=16, conditioning_dim=16, min_value=0, max_value=32
        ),
        tokenizer=word_tokenizer("<s>", "</s>", "<pad>"),
        transformer=diffusers.StableAudioDiTModel(
            sample_size=64, in_channels=4, num_layers=1, attention_head_dim=8,
            num_attention_heads=4, num_key_value_attention_heads=2, out_channels=4,
            cross_attention_dim=16, time_proj_dim=8, global_states_input_dim=32,
            cross_attention_input_dim=16,
        ),
        scheduler=diffusers.CosineDPMSolverMultistepScheduler(
            solver_order=2, prediction_type="v_prediction", sigma_data=1.0,
            sigma_schedule="exponential",
        ),
    )  # fmt: skip


def vae() -> Any:
    return diffusers.AutoencoderKL(
        block_out_channels=[8, 16], in_channels=1, out_channels=1, norm_num_groups=4,
        down_block_types=["DownEncoderBlock2D"] * 2, up_block_types=["UpDecoderBlock2D"] * 2,
        latent_channels=4,
    )  # fmt: skip


def vocoder() -> Any:
    return transformers.SpeechT5HifiGan(
        transformers.SpeechT5HifiGanConfig(
            model_in_dim=16, sampling_rate=16_000, upsample_initial_channel=8,
            upsample_rates=[10, 16], upsample_kernel_sizes=[20, 32], resblock_kernel_sizes=[3],
            resblock_dilation_sizes=[[1]], normalize_before=False,
        )
    )  # fmt: skip


def clap() -> Any:
    text = {
        "vocab_size": 32, "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2,
        "intermediate_size": 16, "projection_dim": 16, "max_position_embeddings": 64,
    }  # fmt: skip
    audio = {
        "spec_size": 8, "window_size": 4, "num_mel_bins": 8, "depths": [1, 1],
        "num_attention_heads": [1, 1], "patch_size": 2, "patch_stride": 2,
        "patch_embeds_hidden_size": 8, "hidden_size": 16, "projection_dim": 16,
    }  # fmt: skip
    config = transformers.ClapConfig(text_config=text, audio_config=audio, projection_dim=16)
    return transformers.ClapModel(config).eval()


def ddim() -> Any:
    return diffusers.DDIMScheduler(
        beta_start=0.0015, beta_end=0.0195, beta_schedule="scaled_linear", clip_sample=False
    )


def music_ldm() -> Any:
    torch.manual_seed(2)
    return diffusers.MusicLDMPipeline(
        vae=vae(),
        text_encoder=clap(),
        tokenizer=word_tokenizer("<s>", "</s>", "<pad>"),
        feature_extractor=transformers.ClapFeatureExtractor(),
        unet=diffusers.UNet2DConditionModel(
            block_out_channels=(8, 16), layers_per_block=1, norm_num_groups=4, sample_size=8,
            in_channels=4, out_channels=4, down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
            up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"), cross_attention_dim=(8, 16),
            class_embed_type="simple_projection", projection_class_embeddings_input_dim=16,
            class_embeddings_concat=True, attention_head_dim=4,
        ),
        scheduler=ddim(),
        vocoder=vocoder(),
    )  # fmt: skip


def audio_ldm_2() -> Any:
    torch.manual_seed(3)
    special = {"<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3, "<mask>": 4}
    letters = {
        letter: n for n, letter in enumerate("abcdefghijklmnopqrstuvwxyz\u0120", len(special))
    }
    # The pipeline gives the prompt to tokenizers of just these classes.
    first = transformers.RobertaTokenizer(vocab=special | letters, merges=[], model_max_length=16)
    pieces = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("\u2581", -2.0)]
    pieces += [(f"\u2581{word}", -1.0) for word in WORDS]
    second = transformers.T5Tokenizer(vocab=pieces, extra_ids=0, model_max_length=16)
    text = transformers.T5EncoderModel(
        transformers.T5Config(vocab_size=32, d_model=12, d_kv=6, d_ff=12, num_layers=1, num_heads=2)
    )
    language = transformers.GPT2LMHeadModel(
        transformers.GPT2Config(
            vocab_size=16,
            n_embd=8,
            n_layer=1,
            n_head=2,
            n_positions=64,
            max_new_tokens=4,
            bos_token_id=0,
            eos_token_id=0,
        )
    )
    return diffusers.AudioLDM2Pipeline(
        vae=vae(),
        text_encoder=clap(),
        text_encoder_2=text.eval(),
        projection_model=diffusers.AudioLDM2ProjectionModel(16, 12, 8),
        language_model=language.eval(),
        tokenizer=first,
        tokenizer_2=second,
        feature_extractor=transformers.ClapFeatureExtractor(),
        unet=diffusers.AudioLDM2UNet2DConditionModel(
            block_out_channels=(8, 16), layers_per_block=1, norm_num_groups=4, sample_size=8,
            in_channels=4, out_channels=4, down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
            up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
            cross_attention_dim=((None, 8, 12), (None, 8, 12)), attention_head_dim=4,
        ),
        scheduler=ddim(),
        vocoder=vocoder(),
    )  # fmt: skip


@pytest.fixture(
    scope="module", params=[stable_audio, music_ldm, audio_ldm_2], ids=lambda make: make.__name__
)
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp(request.param.__name__)
    request.param().save_pretrained(path)
    return path


def recording(samples: int, rate: int) -> Audio:
    time = np.arange(samples) / rate
    wave = 0.3 * np.sin(2.0 * math.pi * 440.0 * time)
    return np.stack([wave, 0.5 * wave]).astype(np.float32)


def test_a_saved_model_edits_a_recording_and_gives_it_back_unedited(folder: Path) -> None:
    backend = load(str(folder))
    audio = recording(500, backend.sample_rate)
    editing = Editing(backend, audio, Settings("solo flute", 6))
    assert tuple(editing.path.end.shape) == backend.latent_shape(500)
    assert editing.reconstruction_error() < 1e-5
    kept, changed = (editing.at(switch, "solo cello", guidance=3.0) for switch in (6, 0))
    own = backend.decode(backend.encode(audio), 500)
    np.testing.assert_allclose(kept, own, atol=1e-4)
    assert kept.shape[1] == changed.shape[1] == 500
    assert np.abs(changed - kept).max() > 0.001 * np.abs(kept).max()
    assert np.isfinite(changed).all()


def test_the_null_prompt_and_the_prompt_are_different_and_guided(folder: Path) -> None:
    backend = load(str(folder))
    told = backend.condition("solo flute playing a melody", 500)
    grid = backend.grid(4)
    x = torch.randn(backend.latent_shape(500), generator=torch.Generator().manual_seed(3))
    null, one, three = (
        backend.clean(x, grid, 1, told, guidance=guidance) for guidance in (0.0, 1.0, 3.0)
    )
    assert (one - null).abs().max() > 1e-7
    torch.testing.assert_close(three, 3.0 * one - 2.0 * null, atol=1e-4, rtol=1e-3)
    empty = backend.condition("", 500)
    torch.testing.assert_close(backend.clean(x, grid, 1, empty, guidance=1.0), null)


def test_the_effect_keeps_length_and_channels(folder: Path) -> None:
    controls = Controls("cello", source="flute", switch=10.0, steps=3)
    changing = InstrumentChange(open_model(str(folder)), controls, Kept())
    made = changing.process(recording(400, 8_000), 8_000)
    assert made.shape == (2, 400)
    assert np.isfinite(made).all()


def test_other_folders_are_refused(tmp_path: Path) -> None:
    with pytest.raises(EffectError, match="no model_index"):
        load(str(tmp_path))
    (tmp_path / "model_index.json").write_text(json.dumps({"_class_name": "Nothing"}))
    with pytest.raises(EffectError, match="cannot be loaded"):
        load(str(tmp_path))


def test_the_mel_of_a_tone_is_loudest_in_its_band() -> None:
    audio = torch.from_numpy(recording(16_000, 16_000)[:1])
    mel = log_mel(audio, 16_000, 160, 64)
    assert mel.shape == (1, 64, 100)
    # 440 Hz are 6.6 mel, of 45.25 mel in 65 steps: between the middles of bands 8 and 9.
    assert int(mel[0, :, 50].argmax()) in {8, 9}
    silent = log_mel(torch.zeros(1, 4_000), 16_000, 160, 64)
    torch.testing.assert_close(silent, torch.full_like(silent, math.log(1e-5)))

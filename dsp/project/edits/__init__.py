"""Pure edits: every one takes a project and returns another, sharing all it did not touch.

An edit that changes nothing returns the same object. What an edit names and is not there, or a
value that is out of range, is a ``ProjectError``.
"""

from tonewright.dsp.project.edits.channels import (
    add_effect,
    add_send,
    move_effect,
    remove_effect,
    remove_send,
    set_automation,
    set_channel,
    set_effect,
    set_effect_param,
    set_send,
)
from tonewright.dsp.project.edits.clips import (
    add_clip,
    crossfade,
    delete_clips,
    duplicate_clips,
    move_clips,
    set_clip,
    slip_clip,
    split_clip,
    trim_clip,
)
from tonewright.dsp.project.edits.ripple import ripple_delete_clips, ripple_delete_range
from tonewright.dsp.project.edits.timeline import (
    add_marker,
    add_media,
    remove_marker,
    remove_unused_media,
    set_marker,
    set_medium,
    set_project,
    set_tempo,
    set_tempo_map,
    set_time_signature,
)
from tonewright.dsp.project.edits.tracks import (
    add_track,
    delete_tracks,
    group_tracks,
    move_track,
    set_track,
    ungroup,
)

__all__ = [
    "add_clip",
    "add_effect",
    "add_marker",
    "add_media",
    "add_send",
    "add_track",
    "crossfade",
    "delete_clips",
    "delete_tracks",
    "duplicate_clips",
    "group_tracks",
    "move_clips",
    "move_effect",
    "move_track",
    "remove_effect",
    "remove_marker",
    "remove_send",
    "remove_unused_media",
    "ripple_delete_clips",
    "ripple_delete_range",
    "set_automation",
    "set_channel",
    "set_clip",
    "set_effect",
    "set_effect_param",
    "set_marker",
    "set_medium",
    "set_project",
    "set_send",
    "set_tempo",
    "set_tempo_map",
    "set_time_signature",
    "set_track",
    "slip_clip",
    "split_clip",
    "trim_clip",
    "ungroup",
]

"""The table of what the user can do in the main window."""

from typing import TYPE_CHECKING

from tonewright.desktop.actions import Command
from tonewright.desktop.timeline.view_state import Tool
from tonewright.dsp.project.document import TrackKind

if TYPE_CHECKING:
    from tonewright.desktop.window import Window


def commands_of(window: "Window") -> list[Command]:
    """Return the commands of a window, in the order of its menus."""
    stack, view, on = window.session.undo_stack, window.view, window.timeline_commands
    storage, timeline, files = window.storage, window.timeline, window.files
    on_track, dialogs = window.track_commands, window.dialogs
    file, edit, tracks, look, go = "&File", "&Edit", "&Tracks", "&View", "&Go"

    def middle() -> float:
        return timeline.canvas.width() / 2

    return [
        Command("new", file, "&New project", "Ctrl+N", lambda: files.leave(storage.new)),
        Command("open", file, "&Open project...", "Ctrl+O", files.ask_open),
        Command("save", file, "&Save", "Ctrl+S", files.save, separated=True),
        Command("save-as", file, "Save &as...", "Ctrl+Shift+S", files.save_as),
        Command("import", file, "&Import files...", "Ctrl+I", files.ask_import, separated=True),
        Command("relink", file, "&Find missing media...", "", dialogs.missing),
        Command("export", file, "&Export...", "Ctrl+Shift+E", dialogs.export),
        Command("batch", file, "&Batch", "Ctrl+Shift+B", window.show_batch),
        Command("preferences", file, "&Preferences...", "Ctrl+,", dialogs.preferences),
        Command("quit", file, "&Quit", "Ctrl+Q", window.close, separated=True),
        Command("undo", edit, "&Undo", "Ctrl+Z", stack.undo),
        Command("redo", edit, "&Redo", "Ctrl+Shift+Z", stack.redo),
        Command("cut", edit, "Cu&t", "Ctrl+X", on.cut, separated=True),
        Command("copy", edit, "&Copy", "Ctrl+C", on.copy),
        Command("paste", edit, "&Paste at playhead", "Ctrl+V", on.paste),
        Command("duplicate", edit, "Dup&licate", "Ctrl+D", on.duplicate),
        Command("delete", edit, "&Delete", "Del", on.delete),
        Command("ripple-delete", edit, "Delete and close &gap", "Shift+Del", on.ripple_delete),
        Command("select-all", edit, "Select &all", "Ctrl+A", on.select_all),
        Command("split", edit, "&Split at playhead", "S", on.split_at_playhead, separated=True),
        Command("crossfade", edit, "Cross&fade overlaps", "X", on.crossfade),
        Command("mute-clip", edit, "&Mute clips", "Shift+M", on.mute),
        Command(
            "trim-start",
            edit,
            "Trim the start to the playhead",
            "[",
            lambda: on.trim_to_playhead(start=True),
            separated=True,
        ),
        Command(
            "trim-end",
            edit,
            "Trim the end to the playhead",
            "]",
            lambda: on.trim_to_playhead(start=False),
        ),
        Command(
            "fade-in",
            edit,
            "Fade in up to the playhead",
            "Ctrl+[",
            lambda: on.fade_to_playhead(fade_in=True),
        ),
        Command(
            "fade-out",
            edit,
            "Fade out from the playhead",
            "Ctrl+]",
            lambda: on.fade_to_playhead(fade_in=False),
        ),
        Command("louder", edit, "Clip 1 dB louder", "Alt+Up", lambda: on.louder(1.0)),
        Command("softer", edit, "Clip 1 dB softer", "Alt+Down", lambda: on.louder(-1.0)),
        Command("slip-back", edit, "Slip the source back", "Alt+Left", lambda: on.slip(-1)),
        Command("slip-on", edit, "Slip the source on", "Alt+Right", lambda: on.slip(1)),
        Command("automation", edit, "Automation by &keys", "A", timeline.canvas.edit_automation),
        Command("effect-range", edit, "Ra&nge for effects from the loop", "R", window.choose_range),
        Command("explore", edit, "Change the &instrument", "Shift+I", window.show_explorer),
        Command("nudge-back", edit, "Nudge back", "Ctrl+Left", lambda: on.nudge(-1)),
        Command("nudge-on", edit, "Nudge on", "Ctrl+Right", lambda: on.nudge(1)),
        Command(
            "track-up", edit, "Move to the track above", "Ctrl+Up", lambda: on.change_track(-1)
        ),
        Command(
            "track-down", edit, "Move to the track below", "Ctrl+Down", lambda: on.change_track(1)
        ),
        Command(
            "add-audio", tracks, "Add &audio track", "Ctrl+T", lambda: on.add_track(TrackKind.AUDIO)
        ),
        Command(
            "add-midi",
            tracks,
            "Add &MIDI track",
            "Ctrl+Shift+T",
            lambda: on.add_track(TrackKind.MIDI),
        ),
        Command("add-group", tracks, "Add &group", "", lambda: on.add_track(TrackKind.GROUP)),
        Command("group", tracks, "Group tracks of the selection", "Ctrl+G", on.group),
        Command("add-clip", tracks, "Add MIDI &clip", "Ctrl+Shift+M", on.add_midi_clip),
        Command("rename-track", tracks, "Re&name the track", "F2", on_track.rename),
        Command("color-track", tracks, "C&olour of the track...", "", on_track.choose_color),
        Command("raise-track", tracks, "Track &up", "Ctrl+Shift+Up", lambda: on_track.move(-1)),
        Command("lower-track", tracks, "Track &down", "Ctrl+Shift+Down", lambda: on_track.move(1)),
        Command("delete-track", tracks, "De&lete the track", "Ctrl+Del", on_track.delete),
        Command("arrange", tracks, "Arrange in another &style...", "Ctrl+R", dialogs.arrange),
        Command("add-marker", tracks, "Add ma&rker", "M", on.add_marker, separated=True),
        Command(
            "edit-marker",
            tracks,
            "Edit the marker at the playhead",
            "Ctrl+M",
            timeline.ruler.edit_marker_before,
        ),
        Command(
            "add-tempo",
            tracks,
            "Set &tempo at the playhead",
            "T",
            lambda: timeline.ruler.edit_tempo(view.playhead_seconds),
        ),
        Command("zoom-in", look, "Zoom &in", "Ctrl+=", lambda: view.zoom(1.5, middle())),
        Command("zoom-out", look, "Zoom &out", "Ctrl+-", lambda: view.zoom(1 / 1.5, middle())),
        Command(
            "zoom-all",
            look,
            "Zoom to the selection, or to all",
            "Z",
            lambda: on.zoom_to_selection(timeline.canvas.width()),
        ),
        Command(
            "taller",
            look,
            "&Taller tracks",
            "Ctrl+Shift+=",
            lambda: view.set_row_height(view.row_height * 1.25),
        ),
        Command(
            "lower",
            look,
            "&Lower tracks",
            "Ctrl+Shift+-",
            lambda: view.set_row_height(view.row_height / 1.25),
        ),
        Command(
            "panels-below",
            look,
            "Panels &below",
            "Ctrl+B",
            window.sides["panels-below"].show,
            checked=True,
            separated=True,
        ),
        Command(
            "panels-right",
            look,
            "Panels at the &right",
            "Ctrl+E",
            window.sides["panels-right"].show,
            checked=True,
        ),
        Command(
            "follow",
            look,
            "&Follow the playhead",
            "F",
            lambda checked: view.set_tool(follow=checked),
            checked=view.follow,
            separated=True,
        ),
        Command(
            "snap",
            look,
            "&Snap to grid, clips and markers",
            "G",
            lambda checked: view.set_tool(snap_on=checked),
            checked=view.snap_on,
        ),
        Command("timecode", look, "Time&code or time", "", timeline.ruler.toggle_timecode),
        Command(
            "light",
            look,
            "Li&ght theme",
            "",
            window.set_theme,
            checked=window.settings.theme.name == "light",
        ),
        Command(
            "tool-select",
            look,
            "Tool: select and move",
            "1",
            lambda on: window.set_tool(Tool.SELECT, on),
            checked=True,
            separated=True,
        ),
        Command(
            "tool-split",
            look,
            "Tool: split",
            "2",
            lambda on: window.set_tool(Tool.SPLIT, on),
            checked=False,
        ),
        Command(
            "tool-slip",
            look,
            "Tool: slip the source",
            "3",
            lambda on: window.set_tool(Tool.SLIP, on),
            checked=False,
        ),
        Command(
            "tool-range",
            look,
            "Tool: range for effects",
            "4",
            lambda on: window.set_tool(Tool.RANGE, on),
            checked=False,
        ),
        Command("play", go, "&Play or stop", "Space", window.playing.toggle),
        Command("go-start", go, "To the &start", "Home", lambda: view.seek(0.0)),
        Command("go-back", go, "A step &back", ",", lambda: on.move_playhead(-1)),
        Command("go-on", go, "A step &on", ".", lambda: on.move_playhead(1)),
        Command("marker-back", go, "To the marker before", "PgUp", lambda: on.move_to_marker(-1)),
        Command("marker-on", go, "To the next marker", "PgDown", lambda: on.move_to_marker(1)),
        Command(
            "loop-start",
            go,
            "Loop from the playhead",
            "I",
            lambda: on.loop_from_playhead(start=True),
        ),
        Command(
            "loop-end",
            go,
            "Loop up to the playhead",
            "O",
            lambda: on.loop_from_playhead(start=False),
        ),
        Command(
            "compare",
            go,
            "Hear it &dry, as loud",
            "D",
            window.compare,
            checked=False,
            separated=True,
        ),
        Command("loop-selection", go, "&Loop the selection", "L", on.loop_selection),
        Command("shortcuts", "&Help", "&Keys and gestures", "F1", dialogs.shortcuts),
    ]

"""What a screen reader finds on the timeline, in the order of reading: track by track."""

from PySide6.QtCore import QRect

from tonewright.desktop.accessible import Item
from tonewright.desktop.timeline.automation_keys import AutomationKeys
from tonewright.desktop.timeline.layer_bars import LayerBars
from tonewright.desktop.timeline.places import Places
from tonewright.desktop.timeline.spoken import spoken_clip, spoken_layer, spoken_point


def items_on(places: Places, bars: LayerBars, points: AutomationKeys) -> list[Item]:
    """Return the clips, the effects that are layers, and the points of the automation shown."""
    project, items = places.session.project, []
    on = points.focused()
    for index, track in enumerate(project.tracks):
        for clip in track.clips:
            rect = places.clip_rect(index, clip).toRect()
            focused = clip.id == places.view.focus and on is None
            selected = clip.id in places.view.selection
            name = spoken_clip(project, track, clip)
            items.append(Item(clip.id, name, rect, selected, focused))
        for bar in bars.of_row(index):
            name = spoken_layer(project, bar.owner, bar.layer)
            effect_id = bar.layer.effect_id
            chosen = effect_id == places.view.effect
            items.append(Item(("layer", effect_id), name, bar.rect.toRect(), chosen))
        target = places.target(track)
        if target is not None:
            drawn = places.drawn_lane(track, target, places.row_rect(index))
            focused_index = on.index if on is not None and on.track is track else None
            for number, point in enumerate(drawn.lane.points):
                at = drawn.place_of(point).toPoint()
                rect = QRect(at.x() - 4, at.y() - 4, 9, 9)
                name = spoken_point(project, track, target, point)
                is_on = number == focused_index
                items.append(Item((track.id, target.ref, number), name, rect, is_on, is_on))
    return items

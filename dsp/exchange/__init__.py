"""Projects for other programs and from them: DAWproject, REAPER, OpenTimelineIO."""

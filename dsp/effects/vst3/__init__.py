"""VST3 plugins as effects: found, described and run in processes of their own."""

"""From a project to audio: plan, content keys, store, jobs, and the mix."""

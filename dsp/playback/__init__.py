"""Hearing a project: transport, graph, feeder thread, and what stands in for a sound device."""

"""Dereverberation by a trained network."""

"""Chains of effects and the panels of their parameters."""

"""The networks: model-backed effects for the engine. torch lives here and nowhere else."""

"""Trained models in NumPy, and those that are fitted or put together without a gradient."""

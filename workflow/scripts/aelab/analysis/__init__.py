"""Measure properties of images, codes and models, with NumPy."""

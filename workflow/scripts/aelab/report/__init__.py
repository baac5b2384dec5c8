"""Figures, claims and captions."""

"""The kind `conv_classifier`: classifiers built from the encoder of a `conv_plane` model."""

"""The kind `dense_classifier`: classifiers built from the encoder of a dense model."""

"""The kind `classifier`: convolutional classifiers."""

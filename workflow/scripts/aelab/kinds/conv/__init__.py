"""The kind `conv`: convolutional autoencoders with a dense code."""

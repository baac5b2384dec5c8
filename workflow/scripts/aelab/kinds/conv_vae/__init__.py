"""The kind `conv_vae`: convolutional variational autoencoders."""

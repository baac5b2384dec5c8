"""What planning needs to know about fully connected variational autoencoders with a weight."""

from aelab.kinds.vae import declaration


class Declaration(declaration.Declaration):
    """Layers as in the kind `vae`; how they are trained makes no difference to their arithmetic."""

"""The kinds of model, one folder per kind.

- `schema.yaml`: the keys of its entries, in addition to those of `schemas/model.schema.yaml`
- `declaration.py`: a class `Declaration` with what planning needs to know, without TensorFlow (`declarations`)
- `architecture.py`: a class `Architecture` with the networks and the loss in TensorFlow, if models of this kind are
  trained by gradient descent (`architectures`)
- `inference.py`: functions in NumPy, if trained models of this kind consist of layers or activations that
  `aelab.inference.operations` does not list (`models`)

To add a kind, add a folder here and an entry in the configuration.
"""

"""Apply trained models with NumPy, and build models that need no gradient descent."""

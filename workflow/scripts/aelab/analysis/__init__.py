"""What is measured of images, codes and models, in NumPy."""

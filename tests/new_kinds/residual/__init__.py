"""Dense layers with skip connections (He et al. 2016)."""

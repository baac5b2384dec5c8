"""What all figures share."""

import pytest

from aelab.report import figures


@pytest.mark.parametrize("width, size", [(4, 12), (6, 10), (11, 9.5)])
def test_a_headline_is_never_wider_than_its_figure(width, size):
    figure, _ = figures.plt.subplots(figsize=(width, 3))
    figures.headline(figure, "Codes between a WIDE and a MEAN digit of deep_128_finetuned_denoising " * 4, size)
    extent = figure._suptitle.get_window_extent(figure.canvas.get_renderer())
    figures.plt.close(figure)
    assert 0.6 * figure.bbox.width < extent.width < figure.bbox.width

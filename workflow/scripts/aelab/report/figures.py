"""The style of all figures, and functions to draw images, codes and legends."""

import gc
import io
import textwrap
from collections.abc import Sequence
from pathlib import Path

# Matplotlib creates many objects that stay until the end. With the default threshold, the garbage collector would take
# 5 % of a figure's time to check them again and again.
gc.set_threshold(50_000)

import matplotlib  # noqa: E402

matplotlib.use("Agg")

import matplotlib.pyplot as plt  # noqa: E402
import numpy as np  # noqa: E402

from aelab.files.atomic import replacing  # noqa: E402

# Petroff (2021), Accessible color sequences for data visualization: ten colours that the colour-blind can distinguish.
COLOURS = [
    "#3f90da", "#ffa90e", "#bd1f01", "#94a4a2", "#832db6",
    "#a96b59", "#e76300", "#b9ac70", "#717581", "#92dadd",
]  # fmt: skip
GROUP_COLOURS = {"asked": "#832db6", "published": "#bd1f01", "corrected": "#3f90da", "baselines": "#717581"}
RIGHT, WRONG = "#2a7f3f", "#bd1f01"

STYLE = {
    "figure.dpi": 120,
    "savefig.dpi": 160,
    "figure.constrained_layout.use": True,
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.titlesize": 10,
    "axes.titlelocation": "left",
    "axes.titleweight": "bold",
    "figure.titlesize": 12,
    "figure.titleweight": "bold",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.25,
    "grid.linewidth": 0.6,
    "axes.prop_cycle": matplotlib.cycler(color=COLOURS),
    "legend.frameon": False,
    "lines.linewidth": 1.6,
    "image.cmap": "gray_r",
    "image.interpolation": "nearest",
}
plt.rcdefaults()  # ignores a matplotlibrc of the user or in the working folder
plt.rcParams.update(STYLE)


def save(figure: plt.Figure, path: str | Path) -> None:
    """Write a figure as PNG, without a date or a version, so that equal figures give equal bytes, and close it."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None})
    plt.close(figure)
    with replacing(path) as file:
        file.write(buffer.getbuffer())


def headline(figure: plt.Figure, text: str, fontsize: float = 12, **options: object) -> None:
    """Add a title above the whole figure, wrapped to its width; `options` are those of `Figure.suptitle`."""
    fitting = int(figure.get_figwidth() * 72 / (0.66 * fontsize))  # a bold letter is about 0.66 em wide
    lines = [line for paragraph in text.split("\n") for line in textwrap.wrap(paragraph, fitting) or [""]]
    figure.suptitle("\n".join(lines), fontsize=fontsize, **options)


def class_colours(classes: int) -> list[str]:
    """Return one colour per class: the first of `COLOURS`, or colours from a colour map if there are more than ten."""
    if classes <= len(COLOURS):
        return COLOURS[:classes]
    return [matplotlib.colors.to_hex(colour) for colour in matplotlib.colormaps["turbo"](np.linspace(0, 1, classes))]


def show_images(
    axes: plt.Axes, images: np.ndarray, frames: Sequence[Sequence[str | None]] | None = None, gap: int = 4
) -> tuple[np.ndarray, np.ndarray]:
    """Draw images side by side in the same axes, which is much faster than one axes per image.

    Parameters
    ----------
    axes : plt.Axes
        Where to draw.
    images : np.ndarray, shape (rows, columns, height, width)
        Images in [0, 1].
    frames : sequence of sequence of str or None, optional
        Colour of the border of each image.
    gap : int
        Pixels between two images.

    Returns
    -------
    np.ndarray, np.ndarray
        The centres of the rows and of the columns, where ticks may be labelled.
    """
    rows, columns, height, width = images.shape
    down, across = height + gap, width + gap
    canvas = np.full((rows * down - gap, columns * across - gap), np.nan, np.float32)
    for row in range(rows):
        for column in range(columns):
            place = np.s_[row * down : row * down + height, column * across : column * across + width]
            canvas[place] = images[row, column]
            if frames is not None and frames[row][column] is not None:
                corner = (column * across - 1.5, row * down - 1.5)
                patch = plt.Rectangle(
                    corner, width + 2, height + 2, fill=False, lw=1.3, ec=frames[row][column], clip_on=False
                )
                axes.add_patch(patch)
    axes.imshow(canvas, vmin=0, vmax=1, cmap="gray_r")
    bare(axes)
    return np.arange(rows) * down + (height - 1) / 2, np.arange(columns) * across + (width - 1) / 2


def show_signed(
    axes: plt.Axes, image: np.ndarray, largest: float, caption: str | None = None
) -> matplotlib.image.AxesImage:
    """Draw an image with positive and negative values, and return what `signed_bar` takes. The value 0 is mid-grey.

    Parameters
    ----------
    axes : plt.Axes
        Where to draw.
    image : np.ndarray, shape (rows, columns)
        The image.
    largest : float
        Values of at least this number are white; values of at most its negative are black.
    caption : str, optional
        A short text below the image.
    """
    drawn = axes.imshow(np.asarray(image, np.float32), vmin=-largest, vmax=largest, cmap="gray")
    bare(axes)
    if caption is not None:
        axes.set_xlabel(caption, fontsize=7, labelpad=2)
    return drawn


def signed_bar(
    figure: plt.Figure,
    drawn: matplotlib.image.AxesImage,
    axes: plt.Axes | Sequence[plt.Axes],
    largest: float,
    label: str | None = None,
    **options: object,
) -> matplotlib.colorbar.Colorbar:
    """Add a colour bar with the range of an image that `show_signed` has drawn.

    Parameters
    ----------
    figure, axes : plt.Figure, plt.Axes or sequence of plt.Axes
        The figure, and the axes next to which the bar is placed.
    drawn : matplotlib.image.AxesImage
        What `show_signed` returned.
    largest : float
        As in `show_signed`.
    label : str, optional
        A label of the bar.
    **options
        Options of `Figure.colorbar`.
    """
    bar = figure.colorbar(drawn, ax=axes, ticks=[-largest, 0, largest], **options)
    numbers = [f"{-largest:.2g}", "0", f"{largest:.2g}"]
    axis = bar.ax.xaxis if bar.orientation == "horizontal" else bar.ax.yaxis
    axis.set_ticks([-largest, 0, largest], labels=numbers, fontsize=7)
    bar.outline.set_linewidth(0.5)
    if label:
        bar.set_label(label, fontsize=7)
    return bar


def bare(axes: plt.Axes) -> None:
    """Remove ticks, grid and border from axes."""
    axes.set_xticks([])
    axes.set_yticks([])
    axes.grid(False)
    axes.spines[:].set_visible(False)


def row_title(axes: plt.Axes, text: str) -> None:
    """Add a title on the left of a row of images."""
    axes.set_ylabel(text, rotation=0, ha="right", va="center", fontsize=8, labelpad=8)


def mosaic(planes: np.ndarray) -> np.ndarray:
    """Join images (rows, columns, height, width) to a single one (rows * height, columns * width)."""
    rows, columns, height, width = planes.shape
    return planes.swapaxes(1, 2).reshape(rows * height, columns * width)


def scatter_codes(axes: plt.Axes, codes: np.ndarray, labels: np.ndarray, classes: int) -> None:
    """Draw codes (n, 2) as dots in the colours of their classes.

    The codes should be in random order, so that no class hides another. `labels` (n,) are numbers below `classes`.
    """
    colours = np.array(class_colours(classes))[labels]
    axes.scatter(codes[:, 0], codes[:, 1], s=1.2, c=colours, alpha=0.55, linewidths=0)


def class_handles(data: object) -> dict[str, object]:
    """Return the arguments of a legend with the colours of the classes of a data set (`aelab.data.shown.Shown`)."""
    handles = [
        plt.Line2D([], [], marker="o", linestyle="", markersize=5, color=colour, label=name)
        for name, colour in zip(data.classes, class_colours(len(data.classes)), strict=True)
    ]
    return {"handles": handles, "title": data.word, "handletextpad": 0.1, "borderaxespad": 0}


def class_legend(axes: plt.Axes, data: object, **options: object) -> matplotlib.legend.Legend:
    """Add a legend with the colours of the classes of a data set (`aelab.data.shown.Shown`)."""
    return axes.legend(**class_handles(data), **options)


def ticks_of_classes(axis: matplotlib.axis.Axis, data: object) -> None:
    """Label an axis with the names of a data set's classes; long names on an x axis are rotated."""
    long = max(map(len, data.classes)) > 2
    rotation = {"rotation": 90} if long and axis.axis_name == "x" else {}
    axis.set_ticks(range(len(data.classes)), data.classes, **rotation)


def plain_numbers() -> matplotlib.ticker.FuncFormatter:
    """Return a tick formatter for logarithmic axes that writes 0.07 instead of 7 x 10^-2 and labels only 1, 2 and 5."""
    from matplotlib.ticker import FuncFormatter

    def text(value: float, _: int) -> str:
        leading = float(f"{value:e}".split("e")[0])
        return f"{value:g}" if round(leading, 6) in (1, 2, 5) else ""

    return FuncFormatter(text)


def whole_numbers() -> matplotlib.ticker.MaxNLocator:
    """Return a tick locator for counts such as epochs."""
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(5, integer=True, min_n_ticks=1)


def wrapped(name: str, width: int = 12) -> str:
    """Break the name of a model at underscores into lines of at most about `width` characters."""
    lines = [""]
    for part in name.split("_"):
        joined = f"{lines[-1]}_{part}" if lines[-1] else part
        if len(joined) > width and lines[-1]:
            lines[-1] += "_"
            lines.append(part)
        else:
            lines[-1] = joined
    return "\n".join(lines)

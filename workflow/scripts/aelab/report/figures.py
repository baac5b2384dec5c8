"""How every figure looks: one style, one colour a class, grey images with a stated scale."""

import gc
import io
import textwrap

# Matplotlib and its figures are a great many objects that stay until the end: looking through them for rubbish again
# and again takes a twentieth of a figure's time.
gc.set_threshold(50_000)

import matplotlib  # noqa: E402

matplotlib.use("Agg")

import matplotlib.pyplot as plt  # noqa: E402
import numpy as np  # noqa: E402

from aelab.files.atomic import replacing  # noqa: E402

# Petroff (2021), Accessible color sequences for data visualization: ten colours, safe for the colour-blind.
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
plt.rcdefaults()  # whatever a matplotlibrc of the user's or in the folder says
plt.rcParams.update(STYLE)


def save(figure, path):
    """Write a figure as PNG without a date or a version in it, and close it."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None})
    plt.close(figure)
    with replacing(path) as file:
        file.write(buffer.getbuffer())


def headline(figure, text, fontsize=12, **options):
    """A title above the whole figure, broken into lines that its width holds."""
    fitting = int(figure.get_figwidth() * 72 / (0.66 * fontsize))  # a bold letter is about 0.66 of its size wide
    lines = [line for paragraph in text.split("\n") for line in textwrap.wrap(paragraph, fitting) or [""]]
    figure.suptitle("\n".join(lines), fontsize=fontsize, **options)


def class_colours(classes):
    """A colour for each of so many classes: the ten above, or as many from a map of colours as there are more."""
    if classes <= len(COLOURS):
        return COLOURS[:classes]
    return [matplotlib.colors.to_hex(colour) for colour in matplotlib.colormaps["turbo"](np.linspace(0, 1, classes))]


def show_image(axes, image, frame=None, caption=None):
    """Draw one image (rows, columns) in [0, 1], 0 white and 1 black; values outside are clipped.

    `frame` colours the border; `caption` is a short text below.
    """
    axes.imshow(np.asarray(image, np.float32), vmin=0, vmax=1, cmap="gray_r")
    bare(axes, frame)
    if caption is not None:
        axes.set_xlabel(caption, fontsize=7, labelpad=2, color=frame or "black")


def show_images(axes, images, frames=None, gap=4):
    """Draw planes (rows, columns, height, width) in [0, 1] side by side in one axes, much faster than an axes each.

    `frames` (rows, columns) holds a colour for each image or None. Returns the centres of the rows
    and of the columns, where `axes` takes labels.
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


def show_signed(axes, image, largest, caption=None):
    """Draw one signed image (rows, columns): zero mid-grey, -`largest` black and below, `largest` white and above.

    Returns what a colour bar is made from. `caption` is a short text below.
    """
    drawn = axes.imshow(np.asarray(image, np.float32), vmin=-largest, vmax=largest, cmap="gray")
    bare(axes)
    if caption is not None:
        axes.set_xlabel(caption, fontsize=7, labelpad=2)
    return drawn


def signed_bar(figure, drawn, axes, largest, label=None, **options):
    """A colour bar of a signed image with its least value, zero and largest value; returns it."""
    bar = figure.colorbar(drawn, ax=axes, ticks=[-largest, 0, largest], **options)
    numbers = [f"{-largest:.2g}", "0", f"{largest:.2g}"]
    axis = bar.ax.xaxis if bar.orientation == "horizontal" else bar.ax.yaxis
    axis.set_ticks([-largest, 0, largest], labels=numbers, fontsize=7)
    bar.outline.set_linewidth(0.5)
    if label:
        bar.set_label(label, fontsize=7)
    return bar


def bare(axes, frame=None):
    """Axes without ticks or grid, with a border in the colour `frame` or none."""
    axes.set_xticks([])
    axes.set_yticks([])
    axes.grid(False)
    for spine in axes.spines.values():
        spine.set_visible(frame is not None)
        if frame is not None:
            spine.set_color(frame)
            spine.set_linewidth(1.8)


def image_grid(rows, columns, size=0.85, header=0.6, margin=1.6):
    """A figure with rows x columns bare axes, each `size` inches wide; returns figure and array of axes."""
    figure, axes = plt.subplots(
        rows, columns, figsize=(columns * size + margin, rows * size * 1.12 + header), squeeze=False
    )
    for one in axes.flat:
        bare(one)
    return figure, axes


def row_title(axes, text):
    """A title at the left of a row of images."""
    axes.set_ylabel(text, rotation=0, ha="right", va="center", fontsize=8, labelpad=8)


def mosaic(planes):
    """Planes (rows, columns, height, width) side by side as one array."""
    rows, columns, height, width = planes.shape
    return planes.swapaxes(1, 2).reshape(rows * height, columns * width)


def scatter_codes(axes, codes, labels, classes):
    """Codes (n, 2) as dots in the colours of their classes. Shuffle them before, lest one class hide another."""
    colours = np.array(class_colours(classes))[labels]
    axes.scatter(codes[:, 0], codes[:, 1], s=1.2, c=colours, alpha=0.55, linewidths=0)


def class_handles(data):
    """What a legend of the classes of a data set (`aelab.data.shown.Shown`) in their colours takes."""
    handles = [
        plt.Line2D([], [], marker="o", linestyle="", markersize=5, color=colour, label=name)
        for name, colour in zip(data.classes, class_colours(len(data.classes)), strict=True)
    ]
    return {"handles": handles, "title": data.word, "handletextpad": 0.1, "borderaxespad": 0}


def class_legend(axes, data, **options):
    """A legend of the classes in their colours."""
    return axes.legend(**class_handles(data), **options)


def ticks_of_classes(axis, data):
    """The names of the classes along an axis; upright or level by their length."""
    long = max(map(len, data.classes)) > 2
    rotation = {"rotation": 90} if long and axis.axis_name == "x" else {}
    axis.set_ticks(range(len(data.classes)), data.classes, **rotation)


def plain_numbers():
    """A tick formatter for logarithmic axes that writes 0.07, not 7 x 10^-2, and skips crowded ticks."""
    from matplotlib.ticker import FuncFormatter

    def text(value, _):
        leading = float(f"{value:e}".split("e")[0])
        return f"{value:g}" if round(leading, 6) in (1, 2, 5) else ""

    return FuncFormatter(text)


def whole_numbers():
    """A tick locator for counts such as epochs."""
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(5, integer=True, min_n_ticks=1)


def wrapped(name, width=12):
    """A model's name broken at underscores into lines of at most about `width` characters."""
    lines = [""]
    for part in name.split("_"):
        joined = f"{lines[-1]}_{part}" if lines[-1] else part
        if len(joined) > width and lines[-1]:
            lines[-1] += "_"
            lines.append(part)
        else:
            lines[-1] = joined
    return "\n".join(lines)

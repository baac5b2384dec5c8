"""Draw how far the models' tangent spaces are from those of the images.

Inputs: the angles by image and their table.

Outputs: one figure. For each model and input, its upper row shows the mean principal angles between the space of the
nearest training images and the reconstruction's right and left singular vectors, over many images, compared with other
spaces, and the angle between the right singular vectors and the tangent of each transformation, all for the last of the
dimensions; its lower row shows the means by dimension.
"""

import numpy as np
import pandas as pd

from aelab.analysis import tangents
from aelab.files.arrays import read_arrays
from aelab.files.tables import read_table
from aelab.jobs import frame
from aelab.plan import specs
from aelab.report import figures

INPUTS = ("clean", "corrupted")
STYLES, MARKERS = (":", "-.", "--"), "_x+"
WORDS = {
    "random": "random directions",
    "all_images": "PCA of all training images",
    "further": "the next nearest training images",
}


def draw(members: list[dict], by_image: dict[str, np.ndarray], table: pd.DataFrame) -> figures.plt.Figure:
    """Draw the angles of the right and left singular vectors of the reconstructions.

    Parameters
    ----------
    members : list of dict
        The models, with their `name`.
    by_image : dict of str to np.ndarray
        The angles by image, as `measure_tangent_angles` writes them.
    table : pd.DataFrame
        The table of `measure_tangent_angles`.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    figure, axes = figures.plt.subplots(2, 3, figsize=(12.5, 8.8), width_ratios=(1, 1, 1.15), height_ratios=(1.5, 1))
    panels, dimension = axes[0], int(by_image["dimensions"][-1])
    spaces = table[table["dimension"] == dimension].set_index("space")
    last = {key: by_image[key][-1] for key in ("neighbours", "transformations")}
    titles = ("right singular vectors", "left singular vectors", "transformations (right)")
    for one, v, title in zip(panels, (1, 2), titles, strict=False):
        boxes(one, members, last["neighbours"][:, :, v], spaces)
        one.set_title(f"{title}, {dimension} dimensions", fontsize=9)
    panels[1].set_yticklabels([])
    limits = [limit for one in panels[:2] for limit in one.get_xlim()]
    for one in panels[:2]:
        one.set_xlim(min(limits), max(limits))
        one.set_xlabel(
            f"mean principal angle to the {dimension} directions\nof the nearest training images, degrees\n"
            "(box: quartiles; whiskers: 5 %, 95 % of images)"
        )
    dots(panels[2], members, last["transformations"][:, :, 1].mean(axis=2), spaces)
    panels[2].set_title(f"{titles[2]}, {dimension} dimensions", fontsize=9)
    keys = ("neighbours", "neighbours", "transformations")
    for one, key, v, title in zip(axes[1], keys, (1, 2, 1), titles, strict=True):
        angles = by_image[key][:, :, :, v]
        lines(one, members, by_image["dimensions"], angles.reshape(*angles.shape[:3], -1).mean(axis=3), table, key)
        one.set_title(title, fontsize=9)
        one.set_ylabel(f"mean angle to the {'nearest images' if key == 'neighbours' else key}, degrees", fontsize=8)
    handles = [
        figures.plt.Line2D(
            [], [], marker="o", ls="", color=figures.COLOURS[2 * m % len(figures.COLOURS)], label=member["name"]
        )
        for m, member in enumerate(members)
    ] + [
        figures.plt.Line2D([], [], marker=marker, ls=style, color="black", lw=1, label=words)
        for marker, style, words in zip(MARKERS, STYLES, WORDS.values(), strict=True)
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=4, fontsize=8, handlelength=4)
    figures.headline(figure, finding(members, last["neighbours"], dimension), fontsize=9.5)
    return figure


def boxes(axes: figures.plt.Axes, members: list[dict], angles: np.ndarray, spaces: pd.DataFrame) -> None:
    """Draw one box per model and input, and vertical lines for the spaces to compare with.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        Where to draw.
    members : list of dict
        The models, with their `name`.
    angles : np.ndarray
        Mean principal angles by inputs (models, 2, n), in degrees.
    spaces : pd.DataFrame
        The table of `measure_tangent_angles`, indexed by space.
    """
    names = [(m, i) for m in range(len(members)) for i in range(2)]
    drawn = axes.boxplot(
        [angles[m, i] for m, i in names],
        orientation="horizontal",
        whis=(5, 95),
        showfliers=False,
        widths=0.6,
        patch_artist=True,
        medianprops={"color": "black"},
    )
    for box, (m, i) in zip(drawn["boxes"], names, strict=True):
        box.set(facecolor=figures.COLOURS[2 * m % len(figures.COLOURS)], alpha=0.85 if i == 0 else 0.35)
    labels = [f"{figures.wrapped(members[m]['name'], 20)}\nat {INPUTS[i]} images" for m, i in names]
    axes.set_yticks(range(1, len(names) + 1), labels, fontsize=7)
    axes.invert_yaxis()
    for style, space in zip(STYLES, WORDS, strict=True):
        axes.axvline(spaces.loc[space, "neighbours"], color="black", ls=style, lw=1)


def dots(axes: figures.plt.Axes, members: list[dict], angles: np.ndarray, spaces: pd.DataFrame) -> None:
    """Draw the mean angles to the tangents of the transformations: dots at clean images, squares at corrupted ones.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        Where to draw.
    members : list of dict
        The models, with their `name`.
    angles : np.ndarray
        Mean angles by inputs and transformation (models, 2, 4), in degrees.
    spaces : pd.DataFrame
        The table of `measure_tangent_angles`, indexed by space.
    """
    positions, width = np.arange(len(tangents.TRANSFORMATIONS)), 0.8 / (len(members) + 1)
    for m in range(len(members)):
        for i, marker in enumerate("os"):
            axes.plot(
                positions + (m - len(members) / 2) * width,
                angles[m, i],
                marker,
                color=figures.COLOURS[2 * m % len(figures.COLOURS)],
                fillstyle="full" if i == 0 else "none",
            )
    for marker, space in zip(MARKERS, WORDS, strict=True):
        known = spaces.loc[space, list(tangents.TRANSFORMATIONS)].astype(float)
        axes.plot(positions + len(members) / 2 * width, known, marker, color="black")
    axes.set_xticks(positions, [name.replace("_", " ") for name in tangents.TRANSFORMATIONS])
    axes.set_ylabel("angle, degrees, mean of the images")
    axes.set_ylim(top=90)
    axes.set_xlabel("full dots: at clean images\nopen squares: at corrupted images")


def lines(
    axes: figures.plt.Axes,
    members: list[dict],
    dimensions: np.ndarray,
    angles: np.ndarray,
    table: pd.DataFrame,
    column: str,
) -> None:
    """Draw mean angles by the dimension of the spaces: full dots at clean images, open squares at corrupted ones.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        Where to draw.
    members : list of dict
        The models, with their `name`.
    dimensions : np.ndarray
        The dimensions (d,).
    angles : np.ndarray
        Mean angles by dimension and inputs (d, models, 2), in degrees.
    table : pd.DataFrame
        The table of `measure_tangent_angles`.
    column : str
        Its column that holds the same angles of the spaces to compare with.
    """
    for m in range(len(members)):
        for i, marker in enumerate("os"):
            axes.plot(
                dimensions,
                angles[:, m, i],
                marker,
                ls="-" if i == 0 else ":",
                lw=1,
                color=figures.COLOURS[2 * m % len(figures.COLOURS)],
                fillstyle="full" if i == 0 else "none",
            )
    for marker, style, space in zip(MARKERS, STYLES, WORDS, strict=True):
        known = table[table["space"] == space]
        axes.plot(known["dimension"], known[column], marker, ls=style, lw=1, color="black")
    axes.set_xticks(dimensions, [str(dimension) for dimension in dimensions])
    axes.set_xlabel("dimensions of the spaces")


def finding(members: list[dict], angles: np.ndarray, dimension: int) -> str:
    """State for each pair of a plain and a denoising model whose space is nearer at clean images.

    Parameters
    ----------
    members : list of dict
        The models, with their `name`, each plain one followed by its denoising counterpart.
    angles : np.ndarray
        Mean principal angles to the nearest images' space (models, 2, 3, n), in degrees.
    dimension : int
        Dimension of the spaces.

    Returns
    -------
    str
        The title of the figure, with one line per pair.
    """
    clean = angles[:, 0, 1].mean(axis=1)
    parts = []
    for plain in range(0, len(members) - 1, 2):
        nearer = plain + int(clean[plain + 1] < clean[plain])
        other = 2 * plain + 1 - nearer
        parts.append(
            f"{members[nearer]['name']} is nearer to the nearest images' space than {members[other]['name']} "
            f"({clean[nearer]:.1f}° against {clean[other]:.1f}°)"
        )
    return f"At clean images, in {dimension} dimensions,\n" + "\n".join(parts)


if "snakemake" in globals():
    with frame.job(snakemake):
        spec = specs.parse(snakemake.params.spec)
        by_image = read_arrays(snakemake.input.by_image)
        columns = ["space", "dimension", "neighbours", "transformations", *tangents.TRANSFORMATIONS]
        table = read_table(snakemake.input.table, columns)
        figures.save(draw(spec["members"], by_image, table), snakemake.output[0])

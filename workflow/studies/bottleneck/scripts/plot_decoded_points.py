"""Draw what the decoders make of chosen codes.

In: the table and the images of `decode_points`. Out: one figure, a row a model and source of points,
a column a digit; a frame says whether the judge reads the image as the digit meant.
"""

from aelab.data.shown import Shown
from aelab.files.arrays import read_arrays
from aelab.files.tables import read_table
from aelab.jobs import frame
from aelab.plan import specs
from aelab.report import figures

WORDS = {"published": "points published", "median": "median of the codes", "mean": "mean of the codes"}


def draw(members, table, images, data):
    """The figure; images (points, pixels) in the order of the table."""
    rows = [
        (member, source)
        for member in members
        for source in ("published", "median", "mean")
        if ((table["model"] == member["name"]) & (table["source"] == source)).any()
    ]
    figure, axes = figures.image_grid(len(rows), len(data.classes), size=0.95, header=0.9, margin=2.2)
    for row, (member, source) in enumerate(rows):
        own = table[(table["model"] == member["name"]) & (table["source"] == source)]
        for number, point in own.iterrows():
            figures.show_image(
                axes[row, data.classes.index(point["digit"])],
                data.planes(images[number]),
                figures.RIGHT if point["read_as"] == point["digit"] else figures.WRONG,
                f"reads {point['read_as']} ({point['confidence']:.2f})",
            )
        right = int((own["read_as"] == own["digit"]).sum())
        figures.row_title(axes[row, 0], f"{member['name']}\n{WORDS[source]}\n{right} of {len(own)} right")
    for column, name in enumerate(data.classes):
        axes[0, column].set_title(f"meant: {name}", fontsize=8, loc="center")
    question = f"Decoded points of the code: does the judge read the {data.word} that was meant?"
    figures.headline(figure, question, fontsize=10)
    return figure


if "snakemake" in globals():
    with frame.job(snakemake):
        spec = specs.parse(snakemake.params.spec)
        table = read_table(
            snakemake.input.table,
            ["model", "source", "digit", "read_as", "confidence", "distance_to_codes"],
            ["digit", "read_as"],
        )
        images = read_arrays(snakemake.input.images)["images"]
        figures.save(draw(spec["members"], table, images, Shown.of(spec)), snakemake.output[0])

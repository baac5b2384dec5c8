"""Figures of many images in rows and columns."""

import numpy as np

from aelab.report import figures


class ImageGrid:
    """A figure of images in rows and columns, all in one axes: three times as fast as one axes per image.

    Parameters
    ----------
    rows, columns : int
        Number of places in each direction.
    shape : (int, int)
        Height and width of an image in pixels.
    size : float
        Width of a place, in inches.
    header, margin : float
        Additional height and width of the figure, in inches.
    captions : bool
        Whether there is room for a line below each image.

    Attributes
    ----------
    figure : matplotlib.figure.Figure
    axes : matplotlib.axes.Axes
        Its coordinates are pixels of the images, from the upper left corner of the first.
    """

    def __init__(
        self,
        rows: int,
        columns: int,
        shape: tuple[int, int],
        size: float = 0.85,
        header: float = 0.6,
        margin: float = 1.6,
        captions: bool = True,
    ) -> None:
        self.height, self.width = shape
        gap = max(2, round(self.width / 10))
        self.across = self.width + gap
        self.down = self.height + gap + (round(0.13 / size * self.across) if captions else 0)
        self.figure, self.axes = figures.plt.subplots(
            figsize=(columns * size + margin, rows * self.down * size / self.across + header)
        )
        self.canvas = np.ones((rows * self.down, columns * self.across), np.float32)
        self.row_titles, self.column_titles = {}, {}

    def place(self, row: int, column: int) -> tuple[int, int]:
        """Return the coordinates (y, x) of the upper left pixel of a place."""
        return row * self.down, column * self.across

    def show(
        self, row: int, column: int, image: np.ndarray, frame: str | None = None, caption: str | None = None
    ) -> None:
        """Draw an image with pixels from 0 (white) to 1 (black). Values outside this range are clipped.

        Parameters
        ----------
        row, column : int
            Where to draw.
        image : np.ndarray, shape (height, width)
            The image.
        frame, caption : str, optional
            Colour of the border and of the caption, and a short text below the image.
        """
        self._draw(row, column, 1 - np.clip(image, 0, 1), frame, caption)

    def show_signed(self, row: int, column: int, image: np.ndarray, largest: float, caption: str | None = None) -> None:
        """Draw an image with positive and negative values, as `figures.show_signed` does."""
        self._draw(row, column, np.clip(image / largest / 2 + 0.5, 0, 1), None, caption)

    def _draw(self, row: int, column: int, grey: np.ndarray, frame: str | None, caption: str | None) -> None:
        y, x = self.place(row, column)
        self.canvas[y : y + self.height, x : x + self.width] = grey
        if frame:
            corner = (x - 0.5, y - 0.5)
            self.axes.add_patch(figures.plt.Rectangle(corner, self.width, self.height, fill=False, lw=1.8, ec=frame))
        if caption is not None:
            self.caption(row, column, caption, frame or "black")

    def caption(self, row: int, column: int, text: str, colour: str = "black") -> None:
        """Write a short text below a place."""
        y, x = self.place(row, column)
        self.text(x + (self.width - 1) / 2, y + self.height + 0.4, text, colour, ha="center", va="top")

    def text(self, x: float, y: float, text: str, colour: str = "black", **options: object) -> None:
        """Write somewhere in the axes; the layout takes no notice. `options` are those of `Axes.text`."""
        self.axes.text(x, y, text, **{"fontsize": 7, "color": colour, **options}).set_in_layout(False)

    def title_row(self, row: int, text: str) -> None:
        """Add a title on the left of a row."""
        self.row_titles[self.place(row, 0)[0] + (self.height - 1) / 2] = text

    def title_column(self, column: int, text: str) -> None:
        """Add a title above a column."""
        self.column_titles[self.place(0, column)[1] + (self.width - 1) / 2] = text

    def drawn(self) -> figures.plt.Figure:
        """Draw all images, and return the figure."""
        self.axes.imshow(self.canvas, vmin=0, vmax=1, cmap="gray", zorder=0)
        self.axes.set(xlim=(-1.5, self.canvas.shape[1] - 0.5), ylim=(self.canvas.shape[0] - 0.5, -1.5))
        figures.bare(self.axes)
        self.axes.xaxis.tick_top()
        self.axes.set_xticks([*self.column_titles], [*self.column_titles.values()], fontsize=7)
        self.axes.set_yticks([*self.row_titles], [*self.row_titles.values()], fontsize=8)
        self.axes.tick_params(length=0)
        return self.figure

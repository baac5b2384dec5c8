"""Take the picture of the page of results that README.md shows. `make picture` runs it.

`python tools/page_picture.py` opens the plane of a finished run in Chromium, chooses two models, moves the pointer to a
code and writes `docs/pictures/page.png`. It needs a browser (on Debian: `apt-get install chromium`).
"""

import argparse
import io
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser

REPOSITORY = Path(__file__).resolve().parent.parent
PICTURE = REPOSITORY / "docs" / "pictures" / "page.png"
PAGE = "page/plane.html"
SIZE = {"width": 1180, "height": 940}
MODELS = ("conv_plane_vae", "conv_plane_vae_corrected")  # on the left and on the right
POINT = (0.62, 0.4)  # where the pointer is, in shares of the left plane
COLOURS = 256
PATIENCE = 120_000  # milliseconds in which a page loads its models
PROGRAMS = ("chromium", "chromium-browser", "google-chrome")


def program() -> str | None:
    """Return the path of a browser, None if there is none."""
    return next((path for name in PROGRAMS if (path := shutil.which(name))), None)


@contextmanager
def browser(path: str) -> Iterator["Browser"]:
    """Start a browser without a window, and end it afterwards."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield started
        started.close()


def taken(results: Path, models: Sequence[str], path: str) -> bytes:
    """Return the picture, as a PNG file.

    Parameters
    ----------
    results : Path
        The folder of results.
    models : sequence of str
        The models on the left and on the right.
    path : str
        The path of the browser.
    """
    with browser(path) as started:
        page = started.new_page(viewport=SIZE)
        page.goto((results / PAGE).resolve().as_uri())
        page.wait_for_selector("html[data-ready]", timeout=PATIENCE)
        for side, model in enumerate(models):
            page.select_option(f"#model-{side}", model)
            page.wait_for_function(
                "([side, name]) => document.querySelector(`#side-${side} h2`).textContent === name",
                arg=[side, model.replace("_", " ")],
            )
        box = page.locator("#plot-0").bounding_box()
        page.mouse.move(
            *(box[side] + share * box[size] for side, size, share in zip(("x", "y"), SIZE, POINT, strict=True))
        )
        page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        return page.screenshot()


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the picture, and return the exit status."""
    from PIL import Image

    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--results", type=Path, default=Path("results"), help="the folder of results")
    parser.add_argument("--models", nargs=2, default=MODELS, help="the models on the left and on the right")
    parser.add_argument("--to", type=Path, default=PICTURE, help="the file to write")
    settings = parser.parse_args(arguments)
    path = program()
    if path is None:
        print("error: no browser is installed (on Debian: apt-get install chromium).", file=sys.stderr)
        return 2
    if not (settings.results / PAGE).exists():
        print(f"error: there is no {settings.results / PAGE}; run `make` first.", file=sys.stderr)
        return 2
    picture = Image.open(io.BytesIO(taken(settings.results, settings.models, path))).convert("RGB")
    picture.quantize(COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(
        settings.to, optimize=True
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())

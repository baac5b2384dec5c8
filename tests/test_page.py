"""The page of results, opened from the disk in a real browser: Debian's Chromium, driven by Playwright."""

import base64
import json
import re
from collections import Counter
from pathlib import Path
from urllib.parse import unquote, urlsplit

import numpy as np
import pack_images
import pack_model
import pack_plane
import pack_wiener_filter
import page_picture
import pandas as pd
import pytest
import threadpoolctl
import write_instruments
import write_study_page
from small import REPOSITORY

from aelab.analysis import iterations, tangents
from aelab.data import datasets, idx
from aelab.data.randomness import generator
from aelab.errors import LabError
from aelab.files.arrays import read_array
from aelab.inference import assembled, trained
from aelab.inference.judge import Judge
from aelab.kinds.models import model_of, read_model
from aelab.page import exhibits, ledger, models, packing, site, templates
from aelab.plan import pages
from aelab.report.claims import COLUMNS

PIXEL = 1 / 255  # by how much the page may differ from the trained model
POINTS = 200
ENCODED = 200  # test images, in whose box of codes these points lie
FASTEST = {"dense": 30, "convolutional": 15}  # decodes a second, at least
READY = """document.documentElement.hasAttribute("data-ready")
    || document.getElementById("shown").textContent.startsWith("This instrument")"""  # which does not work, as it says
PATIENCE = 120_000  # milliseconds for a page to load, whatever else the machine does
LARGEST = {"first page": 3_000_000, "instrument": 12_000_000}  # bytes
TEMPLATES = REPOSITORY / "workflow" / "page"


@pytest.fixture(scope="session")
def chromium():
    """A headless Chromium."""
    pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    program = page_picture.program()
    if program is None:
        pytest.skip("no browser is installed: the page is not opened (on Debian: apt-get install chromium)")
    with page_picture.browser(program) as browser:
        yield browser


@pytest.fixture(scope="session")
def results(finished_run):
    """The folder of results of the shared run."""
    return finished_run.folder / "results"


@pytest.fixture(scope="session")
def window(chromium):
    """The one window of all tests, in which a page that was opened stays open: it takes seconds to load models."""
    context, tabs = chromium.new_context(), {}
    context.set_default_timeout(PATIENCE)

    def tab(file, folder, anew=False):
        """The page of a file."""
        page, address = tabs.get((file, folder)), (folder / file).as_uri()
        if page is None:
            page = tabs[file, folder] = overheard(context.new_page())
        if anew or page.url != address:
            page.goto(address)
            if page.locator("#laboratory").count():
                page.wait_for_function(READY)
        return page

    yield tab
    context.close()


@pytest.fixture
def visit(window, results):
    """Shows a page of the results when it is ready; fails if it says or asks for anything in the end."""
    visited = []

    def visit(file, folder=results, width=1280, scheme="light", motion="no-preference", anew=False):
        page = window(file, folder, anew)
        visited.append((page, file, folder))
        page.bring_to_front()
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme, reduced_motion=motion)
        settle(page)
        return page

    yield visit
    for page, file, folder in visited:
        elsewhere = [url for url in page.requested if not inside(url, folder)]
        assert not page.complaints, f"{file} says {page.complaints}"
        assert not elsewhere, f"{file} asks for {elsewhere}"


def overheard(page):
    """A page that keeps what it asks for and what it says."""
    page.requested, page.complaints = [], []
    page.on("request", lambda request: page.requested.append(request.url))
    page.on("console", lambda message: page.complaints.append(message.text))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    return page


def inside(url, folder):
    """Whether an address is of a file in a folder, or holds its content itself."""
    return (
        url.startswith("data:") or Path(unquote(urlsplit(url).path)).is_relative_to(folder) and url.startswith("file:")
    )


def settle(page):
    """Wait for two frames, in which all that was asked for is drawn."""
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def every_page(results):
    """All pages, relative to the results."""
    files = [results / "index.html", *sorted((results / "page").rglob("*.html"))]
    assert len(files) > 8
    return [file.relative_to(results).as_posix() for file in files]


def first_study(results):
    return next(file for file in every_page(results) if "studies" in file)


def instruments(results):
    return sorted(file.relative_to(results).as_posix() for file in (results / "page").glob("*.html"))


def shown(page):
    return page.locator("#shown").inner_text()


def words(name):
    """A name as the page shows it."""
    return name.replace("_", " ")


def laboratory(results):
    """What the instruments know of the run."""
    text = (results / "page/plane.html").read_text()
    return json.loads(re.search(r'id="laboratory">(.*?)</script>', text, re.DOTALL)[1])


def weights(results, model):
    """The weight file of the first run of a model."""
    made = (results / "models" / model).glob("seed-*/weights.npz")
    return min(made, key=lambda path: int(path.parent.name.removeprefix("seed-")))


def test_images(results, dataset):
    """Test images (n, pixels), uint8, and labels of a data set."""
    folder = results / "data" / dataset
    return datasets.read_labelled(folder / "t10k-images-idx3-ubyte", folder / "t10k-labels-idx1-ubyte")


test_images.__test__ = False


# -- every page ------------------------------------------------------------------------------------


def test_no_page_says_or_asks_for_anything(visit, results):
    """Nor is one wider than a small screen."""
    for file in every_page(results):
        page = visit(file)
        assert page.title() and page.locator("h1").count() == 1, file
        visit(file, scheme="dark", width=360)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, file


# What can change where colours are dark, and where a screen is small.
DARK = ["color-contrast", "link-in-text-block"]
NARROW = ["color-contrast", "scrollable-region-focusable", "target-size", "meta-viewport"]


@pytest.fixture(scope="session")
def serious_faults():
    """Finds the serious faults of accessibility of a page, by all rules or some."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-core is not installed").Axe()

    def found(page, rules):
        options = {"preload": False, "resultTypes": ["violations"]}
        options |= {"runOnly": {"type": "rule", "values": rules}} if rules else {}
        return [
            (each["id"], [node["html"][:160] for node in each["nodes"][:3]])
            for each in axe.run(page, options=options).response["violations"]
            if each["impact"] in ("serious", "critical")
        ]

    return found


def test_no_kind_of_page_has_a_serious_fault_of_accessibility(visit, results, serious_faults):
    for file in ("index.html", first_study(results), *instruments(results)):
        for width, scheme, rules in ((1280, "light", []), (1280, "dark", DARK), (360, "light", NARROW)):
            serious = serious_faults(visit(file, width=width, scheme=scheme), rules)
            assert not serious, f"{file}, {width}, {scheme}: {serious}"


def test_the_dark_theme_has_no_serious_fault_where_the_system_is_light(visit, serious_faults):
    page = visit("index.html")
    for _ in range(2):
        page.click("#theme")
    chosen, serious = page.locator("#theme").get_attribute("aria-label"), serious_faults(page, DARK)
    page.click("#theme")
    assert chosen == "Colours: dark" and not serious


def test_every_link_leads_somewhere(results):
    for file in every_page(results):
        text = (results / file).read_text()
        for address in re.findall(r'(?:href|src)="([^"]*)"', text):
            if address.startswith("data:"):
                continue
            path, _, fragment = address.partition("#")
            target = (results / file).parent / path if path else results / file
            assert target.resolve().is_relative_to(results.resolve()) and target.exists(), f"{file}: {address}"
            assert not fragment or f'id="{fragment}"' in target.read_text(), f"{file}: {address}"


def test_pages_are_as_small_as_they_should_be(visit, results):
    assert (results / "index.html").stat().st_size <= LARGEST["first page"]
    for file in instruments(results):
        page = visit(file)
        loaded = sum(
            Path(unquote(urlsplit(url).path)).stat().st_size for url in set(page.requested) if url.startswith("file:")
        )
        assert loaded <= LARGEST["instrument"], (file, loaded)


def test_a_bench_is_as_small_as_an_instrument_should_be(results):
    lab = laboratory(results)
    for bench in lab["benches"]:
        dataset = next(model["dataset"] for model in lab["models"] if model["name"] == bench["models"][0])
        files = [f"models/{name}.js" for name in [*bench["models"], lab["datasets"][dataset]["judge"]]]
        files += [f"wiener/{bench['wiener'].replace('-', '/')}.js", f"images/{dataset}.js", "bench.html"]
        assert sum((results / "page" / file).stat().st_size for file in files) <= LARGEST["instrument"], bench["study"]


def test_light_and_dark_are_chosen_and_remembered(visit):
    page = visit("index.html")
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    light = page.evaluate(ground)
    for _ in range(2):
        page.click("#theme")
    assert page.locator("#theme").get_attribute("aria-label") == "Colours: dark"
    dark = page.evaluate(ground)
    page.reload()
    assert light != dark == page.evaluate(ground)
    page.click("#theme")
    assert page.evaluate(ground) == light


# -- the ledger and the studies --------------------------------------------------------------------


def test_the_ledger_shows_what_is_asked_for(visit, results):
    claims = pd.read_csv(results / "claims.csv", dtype=str, keep_default_na=False)
    page = visit("index.html")
    rows = page.locator("#ledger tbody tr:visible")
    assert rows.count() == len(claims)
    study, verdict = claims[["study", "verdict"]].value_counts().index[0]
    page.select_option("[name=study]", study)
    assert rows.count() == (claims["study"] == study).sum()
    page.select_option("[name=verdict]", verdict)
    both = ((claims["study"] == study) & (claims["verdict"] == verdict)).sum()
    assert rows.count() == both > 0
    assert page.locator("#found").inner_text() == f"{both} of {len(claims)} claims"
    page.click("button[type=reset]")
    page.wait_for_function(f"document.querySelectorAll('#ledger tbody tr:not([hidden])').length === {len(claims)}")
    word = max(re.findall(r"[a-z]+", claims["claim"][0].lower()), key=len)
    page.fill("[name=words]", word)
    said = claims.apply(lambda row: word in " ".join(row).lower(), axis=1)
    assert said.sum() <= rows.count() < len(claims)


def test_a_part_of_a_bar_filters_the_ledger(visit, results):
    claims = pd.read_csv(results / "claims.csv", dtype=str, keep_default_na=False)
    page = visit("index.html")
    part = page.locator(".parts button[data-side=corrected]").first
    study, verdict = part.get_attribute("data-study"), part.get_attribute("data-verdict")
    part.click()
    expected = ((claims["study"] == study) & (claims["corrected_verdict"] == verdict)).sum()
    assert page.locator("#ledger tbody tr:visible").count() == expected == int(part.inner_text())
    assert page.evaluate("document.activeElement.id") == "claims"


def test_a_part_of_a_bar_on_the_page_of_a_study_shows_that_it_is_pressed(visit, results):
    page = visit(first_study(results))
    part = page.locator(".parts button").first
    looks = {}
    for pressed in ("false", "true"):
        assert part.get_attribute("aria-pressed") == pressed
        looks[pressed] = part.evaluate("(part) => getComputedStyle(part).boxShadow")
        part.click()
    assert looks["false"] != looks["true"]


def test_a_small_screen_shows_the_buttons_that_sort_the_ledger(visit):
    page = visit("index.html", width=600)
    heads = page.locator("#ledger thead button")
    assert heads.count() == 4
    assert heads.evaluate_all(
        """(buttons) => buttons.every((button) => {
            button.scrollIntoView({ block: "center", behavior: "instant" });
            const { x, y, width, height } = button.getBoundingClientRect();
            return document.elementFromPoint(x + width / 2, y + height / 2) === button;
        })"""
    )


def test_a_claim_leads_to_its_row_its_figure_and_its_numbers(visit):
    page = visit("index.html", anew=True)
    row = page.locator("#ledger tbody tr:has(a.number)").last
    claim, number = row.locator("th a").first.inner_text(), row.locator("a.number").first
    figure, shown = row.locator(".leads a"), float(number.locator("b").inner_text())
    words, addresses = figure.inner_text(), [link.get_attribute("href") for link in (figure, number)]
    row.locator("th a").first.click()
    page.wait_for_load_state()
    assert claim in page.locator("tr:target").inner_text()
    target = page.locator("tr:target")
    assert [link.get_attribute("href") for link in (target.locator(".leads a"), target.locator("a.number").first)] == [
        f"#{address.partition('#')[2]}" for address in addresses
    ]
    target.locator(".leads a").click()
    assert words.lower() == f"figure: {page.locator('figure:target h3').inner_text()}".lower()
    page.go_back()
    page.locator("tr:target a.number").first.click()
    page.wait_for_selector("tr:target td", state="visible")  # in a table that was folded up
    cells = page.locator("tr:target td.number").all_inner_texts()
    assert any(float(cell) == pytest.approx(shown, rel=1e-3) for cell in cells), (shown, cells)


def test_every_claim_leads_to_a_figure_and_to_each_of_its_numbers(results):
    claims = pd.read_csv(results / "claims.csv", dtype=str, keep_default_na=False)
    rows = re.findall(r'<tr id="[a-z_]+-claim-\d+".*?</tr>', (results / "index.html").read_text(), re.DOTALL)
    for row, (_, claim) in zip(rows, claims.iterrows(), strict=True):
        numbers = sum(len(claim[key].split("; ")) for key in ("value", "corrected_value") if claim[key])
        assert (row.count('class="leads"'), row.count('class="number"')) == (1, numbers), claim["claim"]


def test_a_figure_is_the_one_of_its_name_or_the_first_of_its_kind():
    figures = ["plane_of_b", "plane_of_a", "planes", "codes"]
    found = [pages.figure_of(name, figures) for name in ("codes", "plane", "plane_of_a", "plan", None)]
    assert found == ["codes", "plane_of_b", "plane_of_a", None, None]


def test_tables_sort_by_numbers_and_by_words(visit, results):
    page = visit(first_study(results))
    table = page.locator("details.data table").first
    page.locator("details.data > summary").first.click()
    heads = table.locator("thead th").all_inner_texts()
    column = next(n for n, head in enumerate(heads) if head.strip().startswith("parameters"))
    cells = f"td:nth-child({column + 1})"
    for click, descending in ((1, False), (2, True)):
        table.locator("thead button").nth(column).click()
        values = [float(text) for text in table.locator(f"tbody {cells}").all_inner_texts()]
        assert values == sorted(values, reverse=descending) and len(set(values)) > 1, click
    assert table.locator("thead th").nth(column).get_attribute("aria-sort") == "descending"


def test_a_figure_grows_and_goes_again_by_key(visit, results):
    page = visit(first_study(results))
    page.locator("a.enlarge").first.click()
    image = page.locator("dialog.zoom img")
    assert image.evaluate("(image) => image.decode().then(() => image.clientWidth === image.naturalWidth)")
    page.keyboard.press("Escape")
    page.locator("dialog").wait_for(state="detached")  # when the event of closing has been handled
    assert page.evaluate("document.activeElement.className") == "enlarge"


def test_every_figure_has_its_caption_and_its_size(results):
    for study in (results / "studies").iterdir():
        text = (results / f"page/studies/{study.name}.html").read_text()
        figures = re.findall(
            r'<img src="([^"]+)" width="(\d+)" height="(\d+)".*?<figcaption>(.*?)</figcaption>', text, re.DOTALL
        )
        assert {Path(address).name for address, *_ in figures} == {path.name for path in study.glob("*.png")}
        for address, width, height, caption in figures:
            assert exhibits.png_size(study / Path(address).name) == (int(width), int(height))
            assert len(caption) > 40, address


# -- the models in the page ------------------------------------------------------------------------

DECODE = """async (cases) => {
    const floats = (text) => new Float32Array(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer);
    const found = [];
    for (const [name, size, codes, images] of cases) {
        const model = await Lab.model(name), given = floats(codes), expected = floats(images);
        const number = given.length / size, pixels = expected.length / number;
        if (model.unsuited) { found.push([model.unsuited, 0]); continue; }
        let worst = 0;
        const start = performance.now();
        for (let n = 0; n < number; n++) {
            const image = model.decode(given.subarray(n * size, (n + 1) * size));
            for (let i = 0; i < pixels; i++) worst = Math.max(worst, Math.abs(image[i] - expected[n * pixels + i]));
        }
        found.push([worst, 1000 * number / (performance.now() - start)]);
    }
    return found;
}"""


def floats(array):
    """Numbers as the page takes many of them."""
    return base64.b64encode(np.ascontiguousarray(array, np.float32).tobytes()).decode()


def test_every_decoder_agrees_with_the_trained_model_and_is_fast(visit, results):
    page, lab = visit("page/plane.html"), laboratory(results)
    assert sum(model["code_size"] == 2 for model in lab["models"]) >= 4
    cases, kinds = [], []
    for entry in lab["models"]:
        model = read_model(weights(results, entry["name"]))
        images, _ = test_images(results, entry["dataset"])
        codes = models.spread(model.encode(images[:ENCODED]), POINTS, generator("test of the page", entry["name"]))
        cases.append([entry["name"], codes.shape[1], floats(codes), floats(model.decode(codes))])
        convolves = any(layer["layer"].startswith("Conv") for layer in model.networks["decoder"])
        kinds.append("convolutional" if convolves else "dense")
    for (name, *_), kind, (worst, rate) in zip(cases, kinds, page.evaluate(DECODE, cases), strict=True):
        if isinstance(worst, str):  # of softmax codes, a published stack makes pixels in the thousands
            assert "are too coarse" in worst and name.startswith("stacked_784_"), f"{name}: {worst}"
            continue
        print(f"{name}: {rate:.0f} decodes a second, {255 * worst:.2f} grey levels off")
        assert worst <= PIXEL, f"{name} differs by {255 * worst:.2f} grey levels"
        assert rate >= FASTEST[kind], f"{name}: {rate:.0f} decodes a second"


def test_the_judge_reads_in_the_page_as_it_does_elsewhere(visit, results):
    page, lab = visit("page/plane.html"), laboratory(results)
    for name, data in lab["datasets"].items():
        judge = read_model(weights(results, data["judge"]))
        images = datasets.unit(test_images(results, name)[0][5000:5100])
        found = page.evaluate(
            "async ([name, images]) => { const m = await Lab.model(name); return images.map((x) => [...m.read(x)]); }",
            [data["judge"], images.tolist()],
        )
        assert np.abs(np.array(found) - judge.encode(images)).max() <= PIXEL
        assert np.mean(np.argmax(found, axis=1) == Judge(judge).read(images)[0]) > 0.98


def test_packs_are_read_as_they_were_written(visit):
    page, draw = visit("page/plane.html"), np.random.default_rng(0)
    cases = [
        np.round(draw.normal(0, 300, (7, 11))).astype(int),
        np.zeros((3, 4), int),
        np.array([-1, 1, 0, 70_000, -70_000]),
        draw.integers(0, 2**12, (50, 2)),
    ]
    for values in cases:
        found = page.evaluate("(pack) => [...Lab.unpack(pack, Float64Array)]", packing.packed(values))
        assert found == values.ravel().tolist()
    sparse = draw.integers(0, 256, (20, 30)) * (draw.random((20, 30)) < 0.2)
    for values in (sparse, np.zeros((2, 5), int), sparse + 1):
        found = page.evaluate("(pack) => [...Lab.unpack(pack, Float64Array)]", packing.packed_runs(values))
        assert found == values.ravel().tolist()


def test_packed_images_and_codes_are_those_of_the_run(visit, results):
    page, lab = visit("page/plane.html"), laboratory(results)
    for name in lab["datasets"]:
        images, labels = test_images(results, name)
        found = page.evaluate(
            "async (name) => { const p = await Lab.images(name);"
            " return [p.count, [...p.image(p.count - 1)], [...p.labels], [...p.mean(0)]]; }",
            name,
        )
        assert np.allclose(found[1], datasets.unit(images[found[0] - 1])) and found[2] == labels.tolist()
        means = iterations.class_means(datasets.unit(images), labels)[1]
        assert np.abs(means[0] - found[3]).max() < 0.01 * PIXEL
    for entry in [model for model in lab["models"] if model["code_size"] == 2]:
        codes = read_array(weights(results, entry["name"]).parent / "codes/test.npy")
        found = np.reshape(page.evaluate("async (name) => [...(await Lab.plane(name)).codes]", entry["name"]), (-1, 2))
        assert np.all(np.abs(found - codes) <= np.ptp(codes, axis=0) / 4000 + 1e-6), entry["name"]


# Layers and activations that no model of the shared run has, each in a small network on images of 6 x 4 pixels.
OTHERS = {
    "elu": [{"layer": "Dense", "activation": "elu", "shapes": [(24, 5), (5,)]}],
    "gelu": [{"layer": "Dense", "activation": "gelu", "shapes": [(24, 5), (5,)]}],
    "tanh": [{"layer": "Dense", "activation": "tanh", "shapes": [(24, 5), (5,)]}],
    "softmax": [{"layer": "Dense", "activation": "softmax", "shapes": [(24, 5), (5,)]}],
    "clip": [{"layer": "Dense", "activation": "clip", "shapes": [(24, 5), (5,)]}],
    "transposed": [{"layer": "Transposed", "activation": "softplus", "shapes": [(5, 24), (5,)]}],
    "leaky": [
        {"layer": "Dense", "shapes": [(24, 5), (5,)]},
        {"layer": "LeakyReLU", "negative_slope": 0.3},
    ],
    "branches": [
        {"layer": "Dense", "activation": "relu", "shapes": [(24, 6), (6,)]},
        {"layer": "Dense", "shapes": [(6, 6), (6,)]},
        {"layer": "Add", "inputs": [1, 2]},
        {"layer": "Concatenate", "inputs": [3, 1]},
        {"layer": "Activation", "activation": "tanh"},
    ],
    "valid, uneven strides": [
        {"layer": "Reshape", "target_shape": [6, 4, 1]},
        {"layer": "Conv2D", "padding": "valid", "strides": [2, 1], "shapes": [(3, 2, 1, 3), (3,)]},
        {"layer": "Conv2DTranspose", "padding": "valid", "strides": [3, 2], "shapes": [(2, 3, 2, 3), (2,)]},
        {"layer": "Flatten"},
    ],
    "same, uneven strides": [
        {"layer": "Reshape", "target_shape": [6, 4, 1]},
        {"layer": "Conv2D", "padding": "same", "strides": [4, 3], "activation": "relu", "shapes": [(3, 4, 1, 3), (3,)]},
        {"layer": "Conv2DTranspose", "padding": "same", "strides": [3, 2], "shapes": [(2, 5, 2, 3), (2,)]},
        {"layer": "Flatten"},
    ],
    "frames": [
        {"layer": "Reshape", "target_shape": [6, 4, 1]},
        {"layer": "ZeroPadding2D", "padding": [[1, 2], [0, 3]]},
        {"layer": "MaxPooling2D", "pool_size": [2, 3]},
        {"layer": "UpSampling2D", "size": [3, 2]},
        {"layer": "Cropping2D", "cropping": [[2, 1], [0, 2]]},
        {"layer": "Flatten"},
    ],
}


@pytest.mark.parametrize("name", OTHERS)
def test_a_layer_computes_the_same_as_in_numpy(name, visit):
    draw, arrays, network = np.random.default_rng(1), {}, []
    for n, layer in enumerate(OTHERS[name]):
        names = [f"{n}/{k}" for k, _ in enumerate(layer.get("shapes", ()))]
        arrays |= {
            key: draw.normal(0, 1, shape).astype(np.float32)
            for key, shape in zip(names, layer.get("shapes", ()), strict=True)
        }
        network.append({**{key: value for key, value in layer.items() if key != "shapes"}, "weights": names})
    description = {"family": "autoencoder", "networks": {"encoder": network, "decoder": []}, "output": "linear"}
    images = draw.normal(0, 1, (5, 24)).astype(np.float32)
    model = trained.of(description, arrays)
    packs = {
        key: {"step": 2**-12, **packing.packed(np.round(value * 2**12).astype(int))} for key, value in arrays.items()
    }
    rounded = trained.of(
        description, {key: np.round(value * 2**12).astype(np.float32) / 2**12 for key, value in arrays.items()}
    )
    found = visit("page/plane.html").evaluate(
        "([pack, images]) => { const m = new Lab.Model(pack); return images.map((x) => [...m.encode(x)]); }",
        [{**description, "weights": packs}, images.tolist()],
    )
    assert np.allclose(found, rounded.encode(images), atol=1e-5)
    assert not np.allclose(found, 0) and model.encode(images).shape == np.shape(found)


# -- the instruments -------------------------------------------------------------------------------

# Nothing that a page asks for arrives.
NEVER = "HTMLHeadElement.prototype.append = () => {};"
# What of each instrument takes keys and the pointer.
HANDLES = {"plane": "#plot-0", "bench": "#clean", "between": "#way", "noise": "#forward", "tangents": "#far"}


def test_an_instrument_that_is_used_before_its_models_are_loaded_does_not_fail(window, results):
    assert {f"page/{name}.html" for name in HANDLES} == set(instruments(results))
    page = overheard(window("index.html", results).context.new_page())
    page.add_init_script(NEVER)
    page.bring_to_front()
    for name, handle in HANDLES.items():
        page.goto((results / f"page/{name}.html").as_uri())
        box = page.locator(handle).bounding_box()
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + min(box["height"], 200) / 2)
        page.locator(handle).evaluate("(handle) => handle.focus()")
        for key in ("ArrowRight", "Space"):
            page.keyboard.press(key)
        settle(page)
        assert shown(page) == "Loading …" and not page.complaints, (name, page.complaints)
    page.close()


# Lets a model wait, however often it is asked for, until it is let go.
HOLD = """(held) => {
    const load = Lab.model;
    let free;
    const waiting = new Promise((done) => { free = done; });
    Lab.model = async (name, ...rest) => {
        const model = await load(name, ...rest);
        if (name === held) await waiting;
        return model;
    };
    window.letGo = async () => {
        Lab.model = load;
        free();
        await Promise.all([Lab.model(held), Lab.plane(held)]);
    };
}"""


def test_of_two_models_that_are_chosen_quickly_the_last_one_is_shown(visit, results):
    page = visit("page/plane.html")
    last = page.locator("#model-1").input_value()
    slow = next(
        model["name"] for model in laboratory(results)["models"] if model["code_size"] == 2 and model["name"] != last
    )
    page.evaluate(HOLD, slow)
    for name in (slow, last):
        page.select_option("#model-1", name)
    page.wait_for_function("!document.getElementById('shown').textContent.startsWith('Loading')")
    page.evaluate("letGo()")
    settle(page)
    assert page.locator("#side-1 h2").text_content() == words(last)
    assert page.locator("#model-1").input_value() == last and not shown(page).startswith("Loading")


LOSE = "() => { const load = Lab.model; Lab.model = async () => { Lab.model = load; throw new Error('it is lost'); }; }"


def test_a_model_that_cannot_be_loaded_is_said_and_the_menu_stays_at_what_is_shown(visit):
    page = visit("page/between.html")
    now = page.locator("#model").input_value()
    names = page.locator("#model option").evaluate_all("(options) => options.map((option) => option.value)")
    page.evaluate(LOSE)
    with page.expect_console_message() as message:
        page.select_option("#model", next(name for name in names if name != now))
    assert "it is lost" in message.value.text
    page.complaints.clear()  # of which this one is expected
    assert shown(page) == "This instrument does not work: it is lost."
    assert page.locator("#model").input_value() == now


def code(page, side=0):
    """The code under the cross of one side of the plane."""
    text = page.locator(f"#side-{side} figcaption").first.inner_text()
    return np.array([float(number) for number in re.findall(r"-?\d+\.\d+", text)])


def test_keys_move_over_the_plane(visit):
    page = visit("page/plane.html")
    page.focus("#plot-0")
    start = code(page)
    steps = {}
    for key in ("ArrowRight", "ArrowUp", "ArrowLeft", "ArrowDown", "Shift+ArrowRight"):
        before = code(page)
        for _ in range(4):
            page.keyboard.press(key)
            settle(page)
        steps[key] = code(page) - before
    assert steps["ArrowRight"][0] > 0 == steps["ArrowRight"][1]
    assert steps["ArrowUp"][1] > 0 == steps["ArrowUp"][0]
    assert np.allclose(steps["ArrowLeft"], -steps["ArrowRight"], atol=0.02)
    assert np.allclose(steps["ArrowDown"], -steps["ArrowUp"], atol=0.02)
    assert steps["Shift+ArrowRight"][0] == pytest.approx(5 * steps["ArrowRight"][0], rel=0.15)
    here = code(page)
    assert not np.allclose(here, start)
    page.keyboard.press("Control+ArrowRight")  # which is the browser's
    settle(page)
    assert np.array_equal(code(page), here)


def test_what_moves_is_said(visit):
    page = visit("page/plane.html")
    page.focus("#plot-0")
    page.keyboard.press("ArrowRight")
    settle(page)
    assert page.locator("#said").get_attribute("role") == "status"
    page.wait_for_function(
        "document.getElementById('said').textContent === document.getElementById('shown').textContent"
    )
    assert "The judge reads" in shown(page) and "at a distance of" in shown(page)


def test_the_pointer_moves_over_the_plane_and_the_image_follows(visit, results):
    page = visit("page/plane.html")
    name = page.locator("#model-0").input_value()
    box = page.locator("#plot-0").bounding_box()
    places = {}
    for share in (0.25, 0.75):
        page.mouse.move(box["x"] + share * box["width"], box["y"] + share * box["height"])
        settle(page)
        places[share] = code(page), canvas(page, "#side-0 canvas.pixels")
    (left, first), (right, second) = places.values()
    assert right[0] > left[0] and right[1] < left[1] and first != second
    # The image is that of the place: drawn from white to black.
    model = read_model(weights(results, name))
    expected = np.clip(model.decode(np.array([right], np.float32))[0], 0, 1)
    grey = 1 - np.array(page.evaluate(GREY, "#side-0 canvas.pixels")) / 255
    assert np.abs(grey - expected).max() < 3 * PIXEL + 0.02  # the code is shown with two digits


GREY = """(where) => {
    const shown = document.querySelector(where), copy = document.createElement("canvas");
    [copy.width, copy.height] = [shown.width, shown.height];
    const context = copy.getContext("2d", { willReadFrequently: true });
    context.drawImage(shown, 0, 0);
    return [...context.getImageData(0, 0, copy.width, copy.height).data].filter((_, i) => i % 4 === 0);
}"""


def canvas(page, where):
    return page.locator(where).first.evaluate("(canvas) => canvas.toDataURL()")


def test_the_other_side_follows_the_image_or_the_place(visit, results):
    page = visit("page/plane.html")
    page.focus("#plot-0")
    page.keyboard.press("ArrowRight")
    settle(page)
    near = number_of_nearest(page)
    other = read_model(weights(results, page.locator("#model-1").input_value()))
    dataset = laboratory(results)["models"][0]["dataset"]
    assert np.allclose(code(page, 1), other.encode(test_images(results, dataset)[0][[near]])[0], atol=0.05)
    page.click("#follow-place")
    settle(page)
    assert page.locator("#follow-place").get_attribute("aria-pressed") == "true"
    page.select_option("#model-1", page.locator("#model-0").input_value())
    page.wait_for_function(
        "new Set([...document.querySelectorAll('.pair h2')].map((each) => each.textContent)).size === 1"
    )
    settle(page)
    assert np.allclose(code(page, 1), code(page, 0))
    assert "difference is 0.0000" in page.locator("#point").inner_text()


def number_of_nearest(page):
    """The number of the packed image that is nearest to what the left side shows."""
    return page.evaluate(
        "async ([name, code]) => { const pool = await Lab.images(Stage.named.get(name).dataset);"
        " return Lab.nearest((await Lab.model(name)).decode(code), pool).number; }",
        [page.locator("#model-0").input_value(), code(page).tolist()],
    )


def test_the_bench_agrees_with_the_models(visit, results):
    page, lab = visit("page/bench.html"), laboratory(results)
    for bench in lab["benches"]:
        page.select_option("#bench", bench["study"])
        page.wait_for_function("!document.getElementById('shown').textContent.startsWith('Loading')")
        settle(page)
        dataset = next(model["dataset"] for model in lab["models"] if model["name"] == bench["models"][0])
        clean = datasets.unit(test_images(results, dataset)[0][:1])
        noise = {key: bench["noise"][key] for key in ("kind", "amount", "clip")}
        noisy = np.array(
            [page.evaluate("([x, noise]) => [...Lab.corrupt(x, noise, 1)]", [clean[0].tolist(), noise])], np.float32
        )
        split, corruption, number = bench["wiener"].split("-")
        data = results / "data"
        rows = datasets.read_split(data / f"splits/{split}.npz")["train"]
        train = datasets.unit(idx.read_images(data / dataset / "train-images-idx3-ubyte")[rows])
        corrupted = read_array(data / dataset / f"corrupted/{corruption}/draw-{number}/train.npy", (None, None))[rows]
        made = {name: read_model(weights(results, name)) for name in bench["models"]}
        with threadpoolctl.threadpool_limits(
            1
        ):  # as in a job: with fewer images than pixels, sums in another order tell
            made["Wiener filter"] = pack_wiener_filter.fitted(train, corrupted)
        captions = page.locator("#made figcaption")
        said = {text.split("\n")[0]: text for text in captions.all_inner_texts()}
        assert said.keys() == {words(name) for name in made}
        for name, model in made.items():
            expected = model.reconstruct(noisy)[0]
            place = [bench["wiener"], "wiener"] if name == "Wiener filter" else [name, "models"]
            found = page.evaluate(
                "async ([[name, folder], x]) => [...(await Lab.model(name, folder)).reconstruct(x)]",
                [place, noisy[0].tolist()],
            )
            assert np.abs(found - expected).max() <= PIXEL, name
            error = float(re.search(r"\d\.\d{4}", said[words(name)])[0])
            assert error == pytest.approx(np.mean((expected - clean[0]) ** 2), abs=2e-3), name


def test_noise_in_the_page_is_what_it_says_and_follows_its_seed(visit):
    page = visit("page/bench.html")

    def noisy(kind, amount, clip=False, seed=3):
        script = "([noise, seed]) => [...Lab.corrupt(new Float32Array(40_000).fill(0.5), noise, seed)]"
        return np.array(page.evaluate(script, [{"kind": kind, "amount": amount, "clip": clip}, seed]))

    added = noisy("gaussian", 0.4) - 0.5
    assert added.mean() == pytest.approx(0, abs=0.01) and added.std() == pytest.approx(0.4, abs=0.01)
    assert np.mean(np.abs(added) < 0.4) == pytest.approx(0.6827, abs=0.01)
    assert abs(np.corrcoef(added[:-1], added[1:])[0, 1]) < 0.02
    assert np.mean(noisy("masking", 0.3) == 0) == pytest.approx(0.3, abs=0.01)
    counts = Counter(noisy("salt_and_pepper", 0.3).tolist())
    assert counts[0.0] / 40_000 == pytest.approx(0.15, abs=0.01) and counts[1.0] / 40_000 == pytest.approx(
        0.15, abs=0.01
    )
    assert noisy("gaussian", 0.4, clip=True).min() == 0
    assert np.array_equal(noisy("gaussian", 0.4), added + 0.5) and not np.array_equal(
        noisy("gaussian", 0.4, seed=4), added + 0.5
    )


def test_one_draws_on_the_bench_by_pointer_and_by_key(visit):
    page = visit("page/bench.html")
    page.click("#clear")
    settle(page)

    def ink():
        return (255 - np.array(page.evaluate(GREY, "#clean"))).sum()

    pen = page.locator("#pen")
    assert ink() == 0 and not pen.is_visible()
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.activeElement.id") == "clean" and pen.is_visible()
    page.keyboard.press("Space")
    settle(page)
    dot, above = ink(), pen.bounding_box()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    settle(page)
    longer = ink()
    assert pen.bounding_box()["y"] > above["y"]
    page.keyboard.press("Delete")
    settle(page)
    assert 0 < dot < longer and ink() == 0
    page.hover("#clear")
    box = page.locator("#clean").bounding_box()
    left, right = ((box["x"] + share * box["width"], box["y"] + share * box["height"]) for share in (0.3, 0.7))
    drawn = []
    for begin in (None, left):  # on the button, and on the image
        if begin:
            page.mouse.move(*begin)
        page.mouse.down()
        page.mouse.move(*right)  # at once, as a fast hand does
        page.mouse.up()
        settle(page)
        drawn.append(ink())
    assert drawn[0] == 0 and drawn[1] > 3 * dot
    page.fill("#amount", "0")
    settle(page)
    assert "0.0000" in page.locator("#noisy-caption").inner_text()


def test_the_slide_between_two_images_begins_and_ends_at_them(visit):
    page = visit("page/between.html")
    page.locator("#to button").nth(2).click()
    pictures = {}
    for key, end in (("Home", 0), ("End", 2)):
        page.focus("#way")
        page.keyboard.press(key)
        settle(page)
        pictures[key] = canvas(page, "#here figure:nth-child(2) canvas")
        assert pictures[key] == canvas(page, f"#here figure:nth-child({end + 1}) canvas")
    page.focus("#from button[aria-pressed=true]")
    page.keyboard.press("ArrowRight")
    settle(page)
    assert page.locator("#from button[aria-pressed=true]").get_attribute("data-number") == "1"
    assert "100 % of the way" in shown(page)


@pytest.mark.parametrize("kind", ["score", "plain", "normalised"])
def test_the_steps_from_noise_are_those_of_the_study(kind, visit, results):
    page, lab = visit("page/noise.html"), laboratory(results)
    page.select_option("#step-kind", kind)
    settle(page)
    name = page.locator("#model").input_value()
    dataset = next(model["dataset"] for model in lab["models"] if model["name"] == name)
    model, (images, labels) = read_model(weights(results, name)), test_images(results, dataset)
    x = np.array(
        [
            page.evaluate(
                "(n) => { const { uniform, normal } = Lab.generator(6);"
                " return Array.from({ length: n }, () => uniform() + normal()); }",
                images.shape[1],
            )
        ],
        np.float32,
    )
    target = model.reconstruct(iterations.class_means(datasets.unit(images), labels)[1][:1])[0]
    eta = float(page.locator("#eta").input_value())
    for _ in range(3):
        page.click("#forward")
        r = model.reconstruct(x)
        x = (
            iterations.score_step(x, r, eta)
            if kind == "score"
            else iterations.target_step(x, r, target, eta, kind == "normalised")
        )
    assert "after 3 steps" in shown(page) and page.locator("#steps button").count() == 4
    rest = float(re.search(r"= (\d+\.\d+)", shown(page))[1])
    assert rest == pytest.approx(iterations.residuals(x, model.reconstruct(x))[0], rel=0.01, abs=0.05)
    page.click("#back")
    assert "after 2 steps" in shown(page)


def test_the_step_that_is_chosen_keeps_the_focus(visit):
    page = visit("page/noise.html")
    page.click("#restart")
    page.click("#forward")
    assert "after 1 step:" in shown(page)
    page.focus("#steps button:first-child")
    page.keyboard.press("Enter")
    assert "after 0 steps:" in shown(page)
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "After 0 steps"


def test_without_motion_the_iteration_is_played_at_once(visit):
    page = visit("page/noise.html", motion="reduce")
    page.click("#restart")
    page.click("#play")
    assert "after 20 steps" in shown(page)
    visit("page/noise.html")
    page.click("#restart")
    page.click("#play")
    assert page.locator("#play").get_attribute("aria-pressed") == "true" and "after 20 steps" not in shown(page)
    page.click("#play")
    assert page.locator("#play").get_attribute("aria-pressed") == "false"


def test_tangents_in_the_page_are_those_of_the_library(visit, results):
    page, lab = visit("page/tangents.html"), laboratory(results)
    name = page.locator("#model").input_value()
    dataset = next(model["dataset"] for model in lab["models"] if model["name"] == name)
    shape = tuple(lab["datasets"][dataset]["shape"])
    images = datasets.unit(test_images(results, dataset)[0][:3])
    for image in images:
        found = page.evaluate("([x, shape]) => Tangents.real(x, shape).map((v) => [...v])", [image.tolist(), shape])
        assert np.allclose(found, tangents.analytic_tangents(image[None], shape)[0], atol=1e-5)
    model = read_model(weights(results, name))
    at = model.encode(images[:1])[0].astype(np.float64)
    step = 1e-2 * np.maximum(1, np.abs(at))
    jacobian = np.stack(
        [
            (model.decode((at + d)[None].astype(np.float32)) - model.decode((at - d)[None].astype(np.float32)))[0]
            / (2 * d.sum())
            for d in np.diag(step)
        ]
    )
    values = np.linalg.svd(jacobian, compute_uv=False)
    found = page.evaluate(
        "async ([name, code]) => { const model = await Lab.model(name);"
        " return Tangents.directions(model, Float32Array.from(code)).map((d) => [d.value, [...d.pixels]]); }",
        [name, at.tolist()],
    )
    assert np.allclose([value for value, _ in found][:5], values[:5], rtol=0.03)
    vectors = np.array([pixels for _, pixels in found])
    assert np.allclose(vectors @ vectors.T, np.eye(len(vectors)), atol=1e-3)


def test_moving_along_a_tangent_changes_the_image(visit):
    page = visit("page/tangents.html")
    straight = "#moved figure:nth-child(3) canvas"
    page.fill("#far", "0")
    settle(page)
    assert canvas(page, straight) == canvas(page, "#moved figure:nth-child(1) canvas")
    assert canvas(page, "#moved figure:nth-child(4) canvas") == canvas(page, "#moved figure:nth-child(5) canvas")
    page.focus("#far")
    page.keyboard.press("End")
    settle(page)
    assert canvas(page, straight) != canvas(page, "#moved figure:nth-child(1) canvas")
    page.select_option("#direction", "own 0")
    settle(page)
    assert "knows 100 %" in shown(page)


# -- other data sets, and what goes wrong ----------------------------------------------------------


def test_an_instrument_shows_images_of_any_shape_and_any_classes(visit, tmp_path):
    """Images of 9 x 14 pixels and twelve classes with long names, a judge of their own, no model but one."""
    draw, folder = np.random.default_rng(0), tmp_path / "results"
    images, labels = draw.integers(0, 256, (60, 126)).astype(np.uint8), np.arange(60).astype(np.uint8) % 12

    def dense(*sizes):
        pairs = zip(sizes, sizes[1:], strict=False)
        return [(draw.normal(0, 0.1, (a, b)), np.zeros(b), "linear") for a, b in pairs]

    plane = model_of(*assembled.dense({"encoder": dense(126, 2), "decoder": dense(2, 126)}, output="sigmoid"))
    description, arrays = assembled.dense({"classifier": dense(126, 12)})
    judge = model_of({**description, "family": "classifier"}, arrays)
    files = {
        "models/flat.js": packing.script("model", "flat", models.pack(plane, pack_model.shown(plane, images, "flat"))),
        "models/reader.js": packing.script(
            "model", "reader", models.pack(judge, pack_model.shown(judge, images, "reader"))
        ),
        "planes/flat.js": packing.script("plane", "flat", pack_plane.plane(plane.encode(images))),
        "images/shapes.js": packing.script("images", "shapes", pack_images.images_of(images, labels)),
    }
    files["wiener/a/b/1.js"] = packing.script(
        "model", "a-b-1", models.pack(plane, pack_model.shown(plane, images, "w"))
    )
    files["models/wild.js"] = packing.script("model", "wild", {"unsuited": "it is too wild."})
    files["planes/wild.js"] = packing.script("plane", "wild", pack_plane.plane(plane.encode(images)))
    texts = templates.read(TEMPLATES, pages.templates())
    flat = {
        "name": "flat",
        "description": "",
        "group": "published",
        "studies": ["s"],
        "dataset": "shapes",
        "code_size": 2,
        "denoises": True,
    }
    spec = {
        "models": [flat, {**flat, "name": "wild"}],
        "datasets": {
            "shapes": {
                "shape": [9, 14],
                "classes": [f"a class of number {n}" for n in range(12)],
                "word": "shape",
                "words": "shapes",
                "judge": "reader",
            }
        },
        "benches": [
            {
                "study": "s",
                "noise": {"name": "n", "kind": "gaussian", "amount": 1.5, "clip": False},
                "models": ["flat", "wild"],
                "wiener": "a-b-1",
            }
        ],
    }
    for name, content in files.items():
        (folder / "page" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "page" / name).write_bytes(content)
    for name in pages.assets():
        (folder / "page/assets" / name).parent.mkdir(exist_ok=True)
        (folder / "page/assets" / name).write_text(texts[f"assets/{name}"])
    menus = {"plane": "#model-1", "noise": "#model", "tangents": "#model"}
    for name in ("between", "plane", "bench", "noise", "tangents"):
        main = texts[f"instruments/{name}.html"] + templates.data("laboratory", write_instruments.laboratory(spec))
        html = site.page(texts, [], f"page/{name}.html", name, main, ["engine.js", "stage.js", f"{name}.js"])
        (folder / "page" / f"{name}.html").write_text(html)
        page = visit(f"page/{name}.html", folder=folder)
        if name == "between":
            assert shown(page) == "No model of this run fits here."
            continue
        sizes = page.evaluate("[...document.querySelectorAll('canvas.pixels')].map((c) => `${c.width} x ${c.height}`)")
        assert "14 x 9" in sizes, name
        assert not shown(page).startswith(("Loading", "This instrument")), name
        if name in menus:
            assert page.locator(menus[name]).input_value() == "flat"
            page.select_option(menus[name], "wild")
            page.wait_for_function("document.getElementById('shown').textContent.includes('it is too wild.')")
            settle(page)
            assert "it is too wild." in shown(page) and page.locator(menus[name]).input_value() == "flat"
        if name == "bench":
            assert "wild" not in page.text_content("#made")
            assert page.locator("#amount-shown").inner_text() == "1.50"
    assert page.evaluate("new Set(Object.values(Stage.lab.datasets)[0].colours).size") == 12


def test_rounding_keeps_to_its_tolerance_and_fewer_bits_do_not(results):
    name = laboratory(results)["models"][0]["name"]
    model = read_model(weights(results, name))
    images, _ = test_images(results, laboratory(results)["models"][0]["dataset"])
    values = pack_model.shown(model, images, name)
    packs = models.pack(model, values)["weights"]
    assert packs.keys() == model.arrays.keys()
    coarse, _ = models.rounded(model, {key: 1 if array.ndim > 1 else 12 for key, array in model.arrays.items()})
    differences = [np.abs(a - b).max() for a, b in zip(values(coarse), values(model), strict=True)]
    assert max(differences) > models.TOLERANCE


def test_a_model_whose_pixels_no_rounding_keeps_is_packed_as_unsuited(results):
    name = laboratory(results)["models"][0]["name"]
    model = read_model(weights(results, name))

    def wild(model):
        return [np.sin(1e12 * np.concatenate([array.ravel() for array in model.arrays.values()]))]

    assert models.pack(model, wild).keys() == {"unsuited"}


def test_a_layer_that_the_page_does_not_have_is_refused():
    description = {"networks": {"encoder": [{"layer": "k_sparse.topmost", "weights": []}]}}
    with pytest.raises(LabError, match=r"cannot apply k_sparse\.topmost"):
        models.check(description)


def test_the_page_has_every_layer_and_activation_of_the_library(visit):
    from aelab.inference import operations

    page = visit("page/plane.html")
    assert set(page.evaluate("Object.keys(Lab.layers)")) == set(operations.LAYERS)
    assert set(page.evaluate("Object.keys(Lab.activations)")) == set(operations.ACTIVATIONS)


def test_a_template_that_was_edited_meanwhile_is_refused(tmp_path):
    (tmp_path / "a.html").write_text("planned")
    digests = pages.templates.__wrapped__(tmp_path)
    assert templates.read(tmp_path, digests) == {"a.html": "planned"}
    (tmp_path / "a.html").write_text("edited")
    with pytest.raises(LabError, match=r"a\.html was edited"):
        templates.read(tmp_path, digests)


def test_what_was_measured_cannot_break_out_of_the_page():
    row = dict.fromkeys(COLUMNS, '<b>&"')
    lead = {"figure": '"><b>', "published": ['"><b>'], "corrected": [None]}
    html = ledger.table([{**row, "number": "1"}], [lead], "c", "{study}")
    assert '<b>&"' not in html and "<b>&amp;" not in html
    assert "</script" not in templates.data("d", {"a": "</script>"})[:-9]


def test_captions_belong_to_their_figures():
    captions = {"plane": "p", "plane_of_a_model": "m", "same_digit": "s", "codes": "c"}
    found = {
        stem: write_study_page.caption_of(stem, captions)
        for stem in ("codes", "plane_of_pca_2", "same_digit_vae_20", "other")
    }
    assert found == {"codes": "c", "plane_of_pca_2": "m", "same_digit_vae_20": "s", "other": ""}
    assert (
        templates.prose("One\ntwo.\n\n``code`` & *more*")
        == "<p>One two.</p><p><code>code</code> &amp; <em>more</em></p>"
    )
    assert templates.prose("\n") == ""


def test_the_same_results_give_the_same_bytes(results, tmp_path):
    """Of the scripts that pack; the others write text from text."""
    images, labels = test_images(results, next(iter(laboratory(results)["datasets"])))
    name = laboratory(results)["models"][0]["name"]
    made = [
        packing.script("model", name, models.pack(model, pack_model.shown(model, images, name)))
        for model in (read_model(weights(results, name)) for _ in range(2))
    ]
    assert made[0] == made[1]
    assert pack_images.images_of(images[:50], labels[:50]) == pack_images.images_of(images[:50], labels[:50])

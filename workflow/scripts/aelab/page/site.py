"""The frame of every page: head, navigation, foot."""

import re
from collections.abc import Mapping, Sequence

from aelab.page.templates import filled, text, words


def heading(template: str) -> str:
    """Return the heading of a template, as HTML."""
    return re.search(r"<h1[^>]*>(.*?)</h1>", template, re.DOTALL)[1]


def lead(template: str) -> str:
    """Return the sentence below the heading of a template, as HTML."""
    return " ".join(re.search(r'<p class="lead">(.*?)</p>', template, re.DOTALL)[1].split())


def instruments(texts: Mapping[str, str]) -> dict[str, str]:
    """Return the templates of the instruments by name, in the order of the places that they ask for."""
    folder = "instruments/"
    found = {
        file.removeprefix(folder).removesuffix(".html"): template
        for file, template in texts.items()
        if file.startswith(folder)
    }
    return dict(sorted(found.items(), key=lambda item: int(re.search(r'data-place="(\d+)"', item[1])[1])))


def links(items: Sequence[tuple[str, str]], here: str) -> str:
    """Return a list of links; that to the page itself says so."""
    current = {False: "", True: ' aria-current="page"'}
    return "".join(
        f'<li><a href="{text(address)}"{current[address == here]}>{label}</a></li>' for address, label in items
    )


def page(
    texts: Mapping[str, str],
    studies: Sequence[Mapping[str, str]],
    here: str,
    title: str,
    main: str,
    scripts: Sequence[str] = (),
    inline: bool = False,
) -> str:
    """Return a page.

    Parameters
    ----------
    texts : mapping of str to str
        The templates.
    studies : sequence of mapping
        `name` and `question` of every study.
    here : str
        The page's path below the folder of results.
    title : str
        What the window is called, as HTML.
    main : str
        The content, as HTML.
    scripts : sequence of str
        The names of the scripts that it loads besides `page.js`.
    inline : bool
        Whether the page holds style sheet and scripts itself.
    """
    root = "../" * here.count("/")
    assets = ["page.js", *scripts]
    if inline:
        styles = f"<style>{texts['assets/style.css']}</style>"
        loaded = "".join(f"<script>{texts[f'assets/{name}']}</script>\n" for name in assets)
    else:
        styles = f'<link rel="stylesheet" href="{root}page/assets/style.css">'
        loaded = "".join(f'<script src="{root}page/assets/{name}"></script>\n' for name in assets)
    tools = [(f"{root}page/{name}.html", heading(template)) for name, template in instruments(texts).items()]
    books = [(f"{root}page/studies/{each['name']}.html", text(words(each["name"]))) for each in studies]
    return filled(
        texts["shell.html"],
        root=root,
        title=title,
        styles=styles,
        scripts=loaded,
        instruments=links(tools, f"{root}{here}"),
        studies=links(books, f"{root}{here}"),
        main=main,
    )

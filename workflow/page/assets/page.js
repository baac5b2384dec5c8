// What every page does: light and dark, tables that sort, figures that grow, menus that close.
"use strict";

(() => {
  const remembered = { get: () => { try { return localStorage.getItem("theme"); } catch { return null; } },
    set: (theme) => { try { localStorage.setItem("theme", theme); } catch { /* the page remembers nothing */ } } };
  const themes = { system: "as the system has them", light: "light", dark: "dark" };
  const button = document.getElementById("theme");

  function show(theme) {
    if (theme === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    button.setAttribute("aria-label", `Colours: ${themes[theme]}`);
    button.dataset.now = theme;
    document.dispatchEvent(new Event("theme"));
  }

  show(themes[remembered.get()] ? remembered.get() : "system");
  button.addEventListener("click", () => {
    const names = Object.keys(themes), next = names[(names.indexOf(button.dataset.now) + 1) % names.length];
    remembered.set(next);
    show(next);
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => document.dispatchEvent(new Event("theme")));

  // A menu closes when another opens, when something else is chosen, and on Escape.
  const menus = [...document.querySelectorAll("details.menu")];
  document.addEventListener("click", (event) => {
    for (const menu of menus) if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    const open = menus.find((menu) => menu.open);
    if (event.key === "Escape" && open) { open.open = false; open.firstElementChild.focus(); }
  });

  function sort(table, column, descending) {
    const key = (row) => {
      const cell = row.cells[column], text = (cell.dataset.sort ?? cell.textContent).trim();
      return text === "" || Number.isNaN(Number(text)) ? text : Number(text);
    };
    const order = new Intl.Collator("en", { numeric: true });
    const compare = (a, b) => a === "" ? 1 : b === "" ? -1
      : (typeof a === "number" && typeof b === "number" ? a - b : order.compare(String(a), String(b))) * (descending ? -1 : 1);
    const body = table.tBodies[0], rows = [...body.rows].map((row) => [key(row), row]);
    body.append(...rows.sort(([a], [b]) => compare(a, b)).map(([, row]) => row));
  }

  for (const table of document.querySelectorAll("table.sortable")) {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => head.firstElementChild.addEventListener("click", () => {
      const descending = head.getAttribute("aria-sort") === "ascending";
      for (const other of heads) other.setAttribute("aria-sort", "none");
      head.setAttribute("aria-sort", descending ? "descending" : "ascending");
      sort(table, column, descending);
    }));
  }

  // A link into something that is folded up opens it.
  function unfold() {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const folded = target?.closest("details:not([open])");
    if (!folded) return;
    folded.open = true;
    target.scrollIntoView({ block: "center" });
  }

  addEventListener("hashchange", unfold);
  unfold();

  // A figure at its real size, above the page.
  for (const link of document.querySelectorAll("a.enlarge")) {
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      const dialog = document.createElement("dialog"), image = link.firstElementChild.cloneNode();
      const close = document.createElement("button");
      dialog.className = "zoom";
      dialog.setAttribute("aria-label", image.alt);
      close.textContent = "Close";
      close.addEventListener("click", () => dialog.close());
      image.removeAttribute("loading");
      dialog.append(close, image);
      dialog.addEventListener("click", (inside) => { if (inside.target === dialog) dialog.close(); });
      dialog.addEventListener("close", () => { dialog.remove(); link.focus(); });
      document.body.append(dialog);
      dialog.showModal();
    });
  }
})();

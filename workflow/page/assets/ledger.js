// The ledger: search and filters, by the form or by a part of a bar.
"use strict";

(() => {
  const form = document.getElementById("filters");
  const rows = [...document.querySelectorAll("#ledger tbody tr")];

  function filter() {
    const { words, study, side, verdict } = Object.fromEntries(new FormData(form));
    const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
    let found = 0;
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !(wanted.every((word) => text.includes(word)) && (!study || row.dataset.study === study)
        && (!verdict || row.dataset[side] === verdict));
      found += !row.hidden;
    }
    document.getElementById("found").textContent = `${found} of ${rows.length} claims`;
  }

  if (form) {
    form.addEventListener("input", filter);
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("reset", () => setTimeout(filter));
    filter();
  }

  for (const part of document.querySelectorAll(".parts button")) {
    if (!form) part.setAttribute("aria-pressed", "false"); // a filter that stays; with a form it fills that in
    part.addEventListener("click", () => {
      if (form) {
        form.elements.words.value = "";
        for (const name of ["study", "side", "verdict"]) form.elements[name].value = part.dataset[name];
        filter();
        const heading = document.getElementById("claims");
        heading.scrollIntoView();
        heading.focus({ preventScroll: true });
      } else {
        const { side, verdict } = part.dataset, pressed = part.getAttribute("aria-pressed") === "true";
        for (const other of document.querySelectorAll(".parts button")) other.setAttribute("aria-pressed", "false");
        part.setAttribute("aria-pressed", String(!pressed));
        for (const row of rows) row.hidden = !pressed && row.dataset[side] !== verdict;
      }
    });
  }

  // In a report the page stands alone: what it would lead to is not there.
  if (!location.pathname.endsWith(".html")) {
    for (const link of document.querySelectorAll('a[href*=".html"]')) link.removeAttribute("href");
  }
})();

// What the instruments share: drawing images and clouds of codes, choosing models and images, saying what moves.
"use strict";

const Stage = (() => {
  const lab = JSON.parse(document.getElementById("laboratory").textContent);
  const named = new Map(lab.models.map((model) => [model.name, model]));
  const data = (name) => lab.datasets[named.get(name).dataset];
  const words = (text) => text.replaceAll("_", " ");
  const byId = (id) => document.getElementById(id);

  // Element with properties and children.
  function make(tag, properties = {}, ...children) {
    const { data: dataset, ...rest } = properties, element = Object.assign(document.createElement(tag), rest);
    for (const [name, value] of Object.entries(dataset ?? {})) element.setAttribute(name, value);
    element.append(...children);
    return element;
  }

  // -- colours -----------------------------------------------------------------------------------

  function colour(name) {
    const [, r, g, b] = /^#(..)(..)(..)$/.exec(getComputedStyle(document.documentElement).getPropertyValue(name).trim());
    return [r, g, b].map((part) => parseInt(part, 16));
  }

  // -- images ------------------------------------------------------------------------------------

  const drawn = new WeakMap(); // what each canvas shows, to draw it again in other colours

  function paint(canvas) {
    const { image, shape: [rows, columns], largest } = drawn.get(canvas);
    if (canvas.width !== columns || canvas.height !== rows) [canvas.width, canvas.height] = [columns, rows];
    const ground = colour("--image-ground"), ink = colour("--image-ink");
    const context = canvas.getContext("2d"), pixels = context.createImageData(columns, rows);
    for (let i = 0; i < image.length; i++) {
      const share = largest ? 0.5 + image[i] / largest / 2 : image[i];
      const t = Math.min(Math.max(share, 0), 1);
      for (let k = 0; k < 3; k++) {
        pixels.data[4 * i + k] = largest ? 255 * t : ground[k] + t * (ink[k] - ground[k]);
      }
      pixels.data[4 * i + 3] = 255;
    }
    context.putImageData(pixels, 0, 0);
  }

  // Draws an image in [0, 1]; with `largest` one with signs, whose zero is mid-grey.
  function draw(canvas, image, shape, largest = 0) {
    drawn.set(canvas, { image: Float32Array.from(image), shape, largest });
    paint(canvas);
  }

  document.addEventListener("theme", () => {
    for (const canvas of document.querySelectorAll("canvas")) if (drawn.has(canvas)) paint(canvas);
  });

  // A picture with a caption: {figure, canvas, caption}. `label` says what the picture is.
  function shot(label) {
    const canvas = make("canvas", { className: "pixels", width: 1, height: 1, data: { role: "img", "aria-label": label } });
    const caption = make("figcaption");
    return { figure: make("figure", { className: "shot" }, canvas, caption), canvas, caption };
  }

  // What the judge reads: the most probable classes as bars.
  function reads(element, probabilities, { classes, colours }, number = 3) {
    const order = [...probabilities.keys()].sort((a, b) => probabilities[b] - probabilities[a]).slice(0, number);
    element.replaceChildren(...order.map((n) => {
      const bar = make("i");
      bar.style.background = colours[n];
      bar.style.width = `${100 * probabilities[n]}%`;
      return make("div", {}, make("span", { textContent: classes[n] }), bar,
        make("span", { textContent: percent(probabilities[n]) }));
    }));
    return order[0];
  }

  const percent = (share) => `${(100 * share).toFixed(0)} %`;
  const most = (probabilities) => probabilities.indexOf(Math.max(...probabilities));

  // The judge of a data set: a function that reads an image, or null where there is none.
  async function judge(name) {
    const model = lab.datasets[name].judge && await Lab.model(lab.datasets[name].judge);
    return model && !model.unsuited ? (image) => model.read(image) : null;
  }

  // -- choosing ----------------------------------------------------------------------------------

  // Fills a menu with models, study by study and group by group.
  function list(menu, models) {
    const groups = new Map();
    for (const model of models) {
      const label = `${words(model.studies[0])}, ${model.group}`;
      if (!groups.has(label)) groups.set(label, make("optgroup", { label }));
      groups.get(label).append(make("option", { value: model.name, textContent: words(model.name), title: model.description }));
    }
    menu.replaceChildren(...groups.values());
  }

  // Shows what is chosen in a menu: `show` takes its value and loads it into a state, in which `asked` is the last value
  // that was asked for and `name` what is shown. The menu goes back to that if its value cannot be shown.
  function chosen(id, show, state) {
    byId(id).addEventListener("change", async ({ target }) => {
      const { value } = target;
      try {
        await show(value);
      } catch (error) {
        if (state.asked === value) fail(error);
      }
      if (state.asked === value) target.value = state.name;
    });
  }

  // Fills a menu with models and shows the wanted one, or else the first one that the page can apply; from then on, the one
  // that is chosen.
  async function begin(id, models, wanted, show, state, kind = "model") {
    list(byId(id), models);
    for (const { name } of [wanted, ...models.filter((model) => model !== wanted)]) {
      byId(id).value = name;
      if (await show(name)) { chosen(id, show, state); return; }
    }
    throw new Error(`no ${kind} can be shown`);
  }

  // The twin of a model: one of another group in the same study, with the longest name in common; without such a group
  // another model of the study.
  function twin(model, models) {
    const common = (other) => { let n = 0; while (n < model.name.length && other.name[n] === model.name[n]) n++; return n; };
    const related = models.filter((other) => other !== model && other.studies.some((study) => model.studies.includes(study)));
    const others = related.filter((other) => other.group !== model.group);
    return others.sort((a, b) => (b.group === "corrected") - (a.group === "corrected") || common(b) - common(a))[0]
      ?? related[0] ?? models.find((other) => other !== model) ?? model;
  }

  // Whether a key belongs to the browser: with Alt, an arrow goes back.
  const modified = (event) => event.altKey || event.ctrlKey || event.metaKey;

  // A row of images of which one is chosen, by pointer or with the arrow keys.
  function strip(element, pool, shape, dataset, use) {
    const buttons = [];
    let current = 0;
    const press = (n) => {
      buttons[current].setAttribute("aria-pressed", "false");
      buttons[current].tabIndex = -1;
      buttons[current = n].setAttribute("aria-pressed", "true");
      buttons[n].tabIndex = 0;
      use(n);
    };
    const observer = new IntersectionObserver((entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        observer.unobserve(target);
        draw(target.firstElementChild, pool.image(Number(target.dataset.number)), shape);
      }
    }, { root: element, rootMargin: "0px 300px" });
    for (let n = 0; n < Math.min(200, pool.count); n++) {
      const picture = make("canvas", { className: "pixels", width: shape[1], height: shape[0] });
      const label = `${dataset.word} ${n + 1}: ${dataset.classes[pool.labels[n]]}`;
      const button = make("button", { type: "button", tabIndex: n ? -1 : 0, data: {
        "aria-pressed": String(n === 0), "aria-label": label, "data-number": n } }, picture);
      button.addEventListener("click", () => press(n));
      buttons.push(button);
      observer.observe(button);
    }
    element.setAttribute("role", "group");
    element.onkeydown = (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1, Home: -Infinity, End: Infinity }[event.key];
      if (!step || modified(event)) return;
      event.preventDefault();
      press(Math.min(Math.max(current + step, 0), buttons.length - 1));
      buttons[current].focus();
    };
    element.replaceChildren(...buttons);
    return { press, count: buttons.length };
  }

  // Loads a model and what goes with it into a state: `name`, `model`, `pool` of test images, what the judge reads (`read`),
  // `data` and `dataset`, and what the promise `more` holds. Returns false where the page cannot apply the model, and says
  // why; and where another one was asked for meanwhile.
  async function open(name, state, more = null) {
    state.asked = name;
    byId("shown").textContent = "Loading …";
    const dataset = named.get(name).dataset;
    const [model, pool, read, rest] = await Promise.all([Lab.model(name), Lab.images(dataset), judge(dataset), more]);
    if (state.asked !== name) return false;
    if (model.unsuited) { say(`${words(name)} is not shown here: ${model.unsuited}`); return false; }
    Object.assign(state, { name, model, pool, read, data: lab.datasets[dataset], dataset, ...rest });
    return true;
  }

  // -- saying ------------------------------------------------------------------------------------

  let pause = 0;

  // Says something at once on the screen, and to a screen reader when it has been still for a moment.
  function say(text) {
    byId("shown").textContent = text;
    clearTimeout(pause);
    pause = setTimeout(() => { byId("said").textContent = text; }, 500);
  }

  // Calls a function at most once a frame, with the last arguments.
  function framed(f) {
    let asked = null;
    return (...args) => {
      if (asked === null) requestAnimationFrame(() => { const last = asked; asked = null; f(...last); });
      asked = args;
    };
  }

  const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

  function fail(error) {
    say(`This instrument does not work: ${error.message}.`);
    console.error(error);
  }

  // Starts an instrument, which cannot be used before its models are loaded; a mistake is said on the page.
  function start(main) {
    const parts = [...byId("main").children].filter((part) => !part.matches(".hero, #shown, #said"));
    for (const part of parts) part.inert = true;
    main().then(() => {
      for (const part of parts) part.inert = false;
      document.documentElement.setAttribute("data-ready", "");
    }, fail);
  }

  // What a picture is worth: its error, and what the judge reads.
  function verdict(image, truth, read, { classes }) {
    const error = truth ? [make("b", { textContent: Lab.meanSquare(image, truth).toFixed(4) })] : [];
    if (!read) return error;
    const shares = read(image), best = most(shares);
    return [...error, `${truth ? ", " : ""}reads ${classes[best]} (${percent(shares[best])})`];
  }

  // What the judge reads, as a sentence that follows another one; nothing without a judge.
  function judged(shares, { classes }) {
    return shares ? ` The judge reads ${classes[most(shares)]} (${percent(Math.max(...shares))}).` : "";
  }

  // Shows the nearest image that `Lab.nearest` has found in the pool of a state.
  function nearest({ canvas, caption }, { number, distance }, { pool, data: { shape, classes } }) {
    draw(canvas, pool.image(number), shape);
    caption.textContent = `nearest image, ${classes[pool.labels[number]]}, at a distance of ${distance.toFixed(2)}`;
  }

  return {
    lab, named, data, words, byId, make, draw, shot, reads, percent, judge, verdict, judged, nearest, chosen, begin, open, twin,
    modified, strip, say, framed, still, start,
  };
})();

// A bench for noise: every denoiser of a study on one image.
"use strict";

Stage.start(async () => {
  const { lab, byId, named, words, make } = Stage;
  if (!lab.benches.length) { byId("shown").textContent = "No study of this run has noisy images."; return; }
  const state = { clean: null, models: [] };
  const input = byId("clean"), pen = byId("pen");

  async function open(study) {
    state.asked = study;
    byId("shown").textContent = "Loading …";
    const bench = lab.benches.find((each) => each.study === study);
    const dataset = named.get(bench.models[0]).dataset;
    const loaded = bench.models.map(async (name) => ({ name, group: named.get(name).group, model: await Lab.model(name) }));
    const wiener = Lab.model(bench.wiener, "wiener").then((model) => ({ name: "Wiener filter", group: "baselines", model }));
    const [models, pool, read] = await Promise.all([Promise.all([...loaded, wiener]), Lab.images(dataset), Stage.judge(dataset)]);
    if (state.asked !== study) return;
    Object.assign(state, { name: study, models: models.filter(({ model }) => !model.unsuited), pool, read, data: lab.datasets[dataset] });
    byId("kind").value = bench.noise.kind;
    byId("amount").max = Math.max(1, bench.noise.amount);
    byId("amount").value = bench.noise.amount;
    byId("clip").checked = bench.noise.clip;
    const groups = new Map();
    for (const each of state.models) {
      each.shot = Stage.shot(`What ${words(each.name)} makes of the noisy image`);
      if (!groups.has(each.group)) groups.set(each.group, make("div", { className: "shots" }));
      groups.get(each.group).append(each.shot.figure);
    }
    byId("made").replaceChildren(...[...groups].flatMap(([group, shots]) => [make("h3", { className: "group", textContent: group }), shots]));
    if (state.dataset !== dataset) {
      state.dataset = dataset;
      Stage.strip(byId("images"), state.pool, state.data.shape, state.data, (n) => use(state.pool.image(n)));
      point(state.data.shape.map((size) => size / 2));
      use(state.pool.image(0));
    } else refresh();
  }

  function use(image) {
    state.clean = Float32Array.from(image);
    refresh();
  }

  const noise = () => ({ kind: byId("kind").value, amount: Number(byId("amount").value), clip: byId("clip").checked });

  const refresh = Stage.framed(() => {
    const { clean, data, read } = state, { shape } = data;
    byId("amount-shown").textContent = noise().amount.toFixed(2);
    state.noisy = Lab.corrupt(clean, noise(), Number(byId("seed").value));
    Stage.draw(input, clean, shape);
    Stage.draw(byId("noisy"), state.noisy, shape);
    byId("noisy-caption").replaceChildren("noisy: ", ...Stage.verdict(state.noisy, clean, read, data));
    let best = null;
    for (const each of state.models) {
      each.made = each.model.reconstruct(state.noisy);
      each.error = Lab.meanSquare(each.made, clean);
      Stage.draw(each.shot.canvas, each.made, shape);
      each.shot.caption.replaceChildren(make("div", { textContent: words(each.name) }), ...Stage.verdict(each.made, clean, read, data));
      if (!best || each.error < best.error) best = each;
    }
    for (const each of state.models) each.shot.figure.classList.toggle("best", each === best);
    Stage.say(`The noisy image has an error of ${Lab.meanSquare(state.noisy, clean).toFixed(4)}. The best of ${state.models.length}, `
      + `${words(best.name)}, leaves ${best.error.toFixed(4)}.`);
  });

  // Moves the pen, and its mark over the image.
  function point(place) {
    const { shape } = state.data;
    state.pen = place.map((v, axis) => Math.min(Math.max(v, 0.5), shape[axis] - 0.5));
    [pen.style.top, pen.style.left] = state.pen.map((v, axis) => `${100 * v / shape[axis]}%`);
  }

  // A straight stroke of a round pen, a little wider than a pixel.
  function ink(to, from = to) {
    const [rows, columns] = state.data.shape, radius = Math.max(rows, columns) / 22;
    const [down, right] = [to[0] - from[0], to[1] - from[1]], square = down ** 2 + right ** 2 || 1;
    for (let r = 0; r < rows; r++) {
      for (let q = 0; q < columns; q++) {
        const y = r + 0.5 - from[0], x = q + 0.5 - from[1], along = Math.min(Math.max((y * down + x * right) / square, 0), 1);
        const far = Math.hypot(y - along * down, x - along * right), share = Math.min(Math.max(radius + 0.6 - far, 0), 1);
        state.clean[r * columns + q] = Math.max(state.clean[r * columns + q], share);
      }
    }
    point(to);
    refresh();
  }

  function place(event) {
    const box = input.getBoundingClientRect(), [rows, columns] = state.data.shape;
    return [(event.clientY - box.top) / box.height * rows, (event.clientX - box.left) / box.width * columns];
  }

  const clear = () => { state.clean = new Float32Array(state.clean.length); refresh(); };

  input.style.touchAction = "none";
  let last = null; // where a stroke has come to
  input.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    input.setPointerCapture(event.pointerId);
    ink(last = place(event));
  });
  input.addEventListener("pointermove", (event) => {
    if (!input.hasPointerCapture(event.pointerId)) return; // a drag that began elsewhere
    const to = place(event);
    ink(to, last);
    last = to;
  });
  input.addEventListener("keydown", (event) => {
    if (Stage.modified(event)) return;
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (step) {
      point(state.pen.map((v, axis) => v + step[axis]));
      Stage.say(`The pen is in row ${Math.ceil(state.pen[0])}, column ${Math.ceil(state.pen[1])}.`);
    } else if (event.key === " ") ink(state.pen);
    else if (event.key === "Delete") clear();
    else return;
    event.preventDefault();
  });
  byId("clear").addEventListener("click", clear);
  for (const id of ["kind", "amount", "seed", "clip"]) byId(id).addEventListener("input", refresh);
  byId("bench").replaceChildren(...lab.benches.map(({ study }) => make("option", { value: study, textContent: words(study) })));
  await open(lab.benches[0].study);
  Stage.chosen("bench", open, state);
});

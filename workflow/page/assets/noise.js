// From noise: the iterations of aelab.analysis.iterations, step by step.
"use strict";

Stage.start(async () => {
  const { lab, byId, words, make } = Stage, PLAYED = 20, PAUSE = 350;
  if (!lab.models.length) { byId("shown").textContent = "No model of this run fits here."; return; }
  const state = { images: [], at: 0, timer: 0 };
  const shots = Object.fromEntries([["now", "The picture now"], ["made", "Its reconstruction"], ["near", "The nearest test image"],
    ["target", "The reconstruction of the mean image"]].map(([name, label]) => [name, Stage.shot(label)]));
  byId("now").append(...Object.values(shots).map((shot) => shot.figure));
  const kind = () => byId("step-kind").value;
  const counted = (n) => `${n} ${n === 1 ? "step" : "steps"}`;

  async function pick(name) {
    const before = state.dataset;
    if (!await Stage.open(name, state)) { stop(); return false; }
    if (state.dataset !== before) {
      byId("target").replaceChildren(...state.pool.classes.map((number, n) => make("option", { value: n, textContent: state.data.classes[number] })));
    }
    restart();
    return true;
  }

  // Uniform noise with normal noise added, as in the study.
  function restart() {
    stop();
    const { uniform, normal } = Lab.generator(Number(byId("seed").value));
    state.images = [Float32Array.from({ length: state.pool.pixels }, () => uniform() + normal())];
    state.target = state.model.reconstruct(state.pool.mean(Number(byId("target").value)));
    state.at = 0;
    byId("target").disabled = kind() === "score";
    byId("inverted").disabled = kind() === "score";
    show();
  }

  function next(x) {
    const r = state.model.reconstruct(x), eta = Number(byId("eta").value);
    if (kind() === "score") return x.map((v, i) => v + eta * (r[i] - v));
    const moved = x.map((v, i) => v + eta * (r[i] - state.target[i]));
    const norm = kind() === "normalised" ? Math.max(Math.hypot(...moved), 1e-30) : 1;
    return moved.map((v) => v / norm);
  }

  // An image as the studies show it.
  function picture(x) {
    if (kind() === "score") return x.map((v) => Math.min(Math.max(v, 0), 1));
    const signed = byId("inverted").checked ? x.map((v) => -v) : x;
    let low = Infinity, high = -Infinity;
    for (const v of signed) { low = Math.min(low, v); high = Math.max(high, v); }
    return signed.map((v) => (v - low) / Math.max(high - low, 1e-30));
  }

  // The button of a step, which stays while there is such a step: it may have the focus.
  function step(n) {
    const button = make("button", { type: "button", data: { "aria-label": `After ${counted(n)}` } }, make("canvas", { className: "pixels" }));
    button.addEventListener("click", () => { stop(); state.at = n; show(); });
    return button;
  }

  function show() {
    const x = state.images[state.at], r = state.model.reconstruct(x), { shape } = state.data;
    const shown = picture(x), near = Lab.nearest(shown, state.pool);
    byId("eta-shown").textContent = Number(byId("eta").value).toFixed(2);
    Stage.draw(shots.now.canvas, shown, shape);
    shots.now.caption.replaceChildren(`after ${counted(state.at)}: `, ...Stage.verdict(shown, null, state.read, state.data));
    Stage.draw(shots.made.canvas, r, shape);
    const rest = Math.sqrt(Lab.meanSquare(r, x) * x.length);
    shots.made.caption.textContent = `r(x); ‖r(x) − x‖ = ${rest.toFixed(2)}`;
    Stage.nearest(shots.near, near, state);
    shots.target.figure.hidden = kind() === "score";
    Stage.draw(shots.target.canvas, state.target, shape);
    shots.target.caption.textContent = "r(m), the target";
    const strip = byId("steps"), steps = strip.children;
    while (steps.length > state.images.length) strip.lastElementChild.remove();
    while (steps.length < state.images.length) strip.append(step(steps.length));
    state.images.forEach((image, n) => {
      steps[n].setAttribute("aria-pressed", String(n === state.at));
      Stage.draw(steps[n].firstElementChild, picture(image), shape);
    });
    strip.scrollLeft = steps[state.at].offsetLeft - strip.offsetLeft - strip.clientWidth / 2;
    byId("back").disabled = state.at === 0;
    Stage.say(`${words(state.name)}, after ${counted(state.at)}: ‖r(x) − x‖ = ${rest.toFixed(2)}, ${near.distance.toFixed(2)} from the nearest image.`
      + Stage.judged(state.read?.(shown), state.data));
  }

  function forward() {
    if (state.at === state.images.length - 1) state.images.push(next(state.images[state.at]));
    state.at++;
  }

  function stop() {
    clearInterval(state.timer);
    state.timer = 0;
    byId("play").setAttribute("aria-pressed", "false");
  }

  byId("forward").addEventListener("click", () => { stop(); forward(); show(); });
  byId("back").addEventListener("click", () => { stop(); state.at = Math.max(state.at - 1, 0); show(); });
  byId("restart").addEventListener("click", restart);
  byId("play").addEventListener("click", () => {
    if (state.timer) { stop(); return; }
    const end = state.at + PLAYED;
    if (Stage.still()) { while (state.at < end) forward(); show(); return; } // no motion: the end at once
    byId("play").setAttribute("aria-pressed", "true");
    state.timer = setInterval(() => { forward(); if (state.at >= end) stop(); show(); }, PAUSE);
  });
  for (const id of ["target", "eta", "seed"]) byId(id).addEventListener("input", () => restart());
  byId("step-kind").addEventListener("input", () => { byId("eta").value = kind() === "score" ? 0.2 : 1; restart(); });
  byId("inverted").addEventListener("input", show);
  const larger = lab.models.filter((model) => model.code_size > 2), models = larger.length ? larger : lab.models;
  const first = models.find((model) => model.denoises && model.group === "corrected") ?? models[0];
  await Stage.begin("model", models, first, pick, state);
});

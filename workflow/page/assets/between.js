// Between two images: a straight line from code to code, decoded.
"use strict";

Stage.start(async () => {
  const { lab, byId, words } = Stage, STEPS = 9;
  const models = lab.models.filter((model) => !model.denoises);
  if (!models.length) { byId("shown").textContent = "No model of this run fits here."; return; }
  const state = { ends: [0, 1] }, way = byId("way");
  const shots = Object.fromEntries(["start", "here", "blend", "end", "near"].map((name) => [name, Stage.shot(
    { start: "The first image, decoded", here: "The decoded image", blend: "The blend of the pixels", end: "The second image, decoded", near: "The nearest test image" }[name])]));
  for (const name of ["start", "here", "end", "blend", "near"]) byId("here").append(shots[name].figure);
  const path = Array.from({ length: STEPS }, (_, n) => Stage.shot(`Step ${n + 1} of ${STEPS}`));
  byId("path").append(...path.map((shot) => shot.figure));

  async function pick(name) {
    const before = state.dataset;
    if (!await Stage.open(name, state)) return false;
    if (state.dataset !== before) {
      const strips = ["from", "to"].map((id, end) => Stage.strip(byId(id), state.pool, state.data.shape, state.data,
        (n) => { state.ends[end] = n; line(); }));
      const labels = state.pool.labels.subarray(0, strips[1].count), other = labels.findIndex((label) => label !== labels[0]);
      state.ends = [0, Math.max(other, 0)];
      strips[1].press(state.ends[1]);
    }
    line();
    return true;
  }

  const mixed = (a, b, share) => a.map((v, i) => (1 - share) * v + share * b[i]);

  const line = Stage.framed(() => {
    state.images = state.ends.map((n) => state.pool.image(n));
    state.codes = state.images.map((image) => state.model.encode(image));
    const [start, end] = state.codes;
    path.forEach((shot, n) => {
      const image = state.model.decode(mixed(start, end, n / (STEPS - 1)));
      Stage.draw(shot.canvas, image, state.data.shape);
      shot.caption.replaceChildren(...Stage.verdict(image, null, state.read, state.data));
    });
    state.images.forEach((image, n) => {
      const made = state.model.decode(state.codes[n]), shot = n ? shots.end : shots.start;
      Stage.draw(shot.canvas, made, state.data.shape);
      shot.caption.replaceChildren(`${n ? "second" : "first"} image, decoded: error `, ...Stage.verdict(made, image, state.read, state.data));
    });
    slide();
  });

  const slide = Stage.framed(() => {
    const share = Number(way.value), { data, pool } = state, { shape, classes } = data;
    byId("way-shown").textContent = Stage.percent(share);
    state.image = state.model.decode(mixed(...state.codes, share));
    const blend = mixed(...state.images, share), near = Lab.nearest(state.image, pool);
    Stage.draw(shots.here.canvas, state.image, shape);
    shots.here.caption.replaceChildren("here: ", ...Stage.verdict(state.image, null, state.read, data));
    Stage.draw(shots.blend.canvas, blend, shape);
    shots.blend.caption.replaceChildren("blend of pixels: ", ...Stage.verdict(blend, null, state.read, data));
    Stage.nearest(shots.near, near, state);
    Stage.say(`${words(state.name)}, ${Stage.percent(share)} of the way from ${classes[pool.labels[state.ends[0]]]} to ${classes[pool.labels[state.ends[1]]]}.`
      + Stage.judged(state.read?.(state.image), data));
  });

  way.addEventListener("input", slide);
  const first = models.find((model) => model.group === "corrected" && /vae/.test(model.name)) ?? models.find((model) => model.group === "corrected") ?? models[0];
  await Stage.begin("model", models, first, pick, state);
});

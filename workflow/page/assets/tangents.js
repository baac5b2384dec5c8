// Along the tangents: directions of a decoder at a code, and those of real transformations.
"use strict";

const Tangents = (() => {
  const REAL = ["to the right", "down", "rotation", "thickness"];
  const norm = (x) => Math.sqrt(x.reduce((sum, v) => sum + v * v, 0));
  const dot = (a, b) => a.reduce((sum, v, i) => sum + v * b[i], 0);
  const scaled = (x) => { const size = Math.max(norm(x), 1e-30); return x.map((v) => v / size); };

  // A Gaussian or its derivative along one axis; the image is mirrored at its borders, each border pixel included.
  function filtered(x, [rows, columns], down, derivative, deviation = 0.9) {
    const radius = Math.floor(4 * deviation + 0.5), weights = [];
    for (let k = -radius; k <= radius; k++) weights.push(Math.exp(-0.5 * (k / deviation) ** 2));
    const total = weights.reduce((a, b) => a + b, 0), y = new Float64Array(x.length), size = down ? rows : columns;
    const mirrored = (n) => { const m = ((n % (2 * size)) + 2 * size) % (2 * size); return m < size ? m : 2 * size - 1 - m; };
    for (let r = 0; r < rows; r++) {
      for (let q = 0; q < columns; q++) {
        let sum = 0;
        for (let k = -radius; k <= radius; k++) {
          const n = mirrored((down ? r : q) + k), value = x[down ? n * columns + q : r * columns + n];
          sum += value * weights[k + radius] / total * (derivative ? k / deviation ** 2 : 1);
        }
        y[r * columns + q] = sum;
      }
    }
    return y;
  }

  // How an image changes when it is moved to the right, moved down, rotated, or drawn thicker: unit vectors.
  function real(image, shape) {
    const across = filtered(filtered(image, shape, true, false), shape, false, true);
    const down = filtered(filtered(image, shape, false, false), shape, true, true);
    const [rows, columns] = shape;
    const turned = across.map((v, i) => (Math.floor(i / columns) - (rows - 1) / 2) * v - (i % columns - (columns - 1) / 2) * down[i]);
    return [across.map((v) => -v), down.map((v) => -v), turned, across.map((v, i) => v * v + down[i] * down[i])].map(scaled);
  }

  // Eigenvalues and eigenvectors of a symmetric matrix by Jacobi's rotations, largest first.
  function eigen(matrix) {
    const n = matrix.length, a = matrix.map((row) => Float64Array.from(row));
    const v = a.map((_, i) => Float64Array.from({ length: n }, (_, j) => Number(i === j)));
    for (let sweep = 0; sweep < 30; sweep++) {
      let off = 0, size = 0;
      for (let p = 0; p < n; p++) { size += a[p][p] ** 2; for (let q = 0; q < p; q++) off += a[p][q] ** 2; }
      if (off <= 1e-20 * size) break;
      for (let p = 0; p < n; p++) {
        for (let q = p + 1; q < n; q++) {
          if (Math.abs(a[p][q]) < 1e-300) continue;
          const theta = (a[q][q] - a[p][p]) / (2 * a[p][q]);
          const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
          const c = 1 / Math.sqrt(t * t + 1), s = t * c;
          for (let k = 0; k < n; k++) { const x = a[k][p], y = a[k][q]; a[k][p] = c * x - s * y; a[k][q] = s * x + c * y; }
          for (let k = 0; k < n; k++) { const x = a[p][k], y = a[q][k]; a[p][k] = c * x - s * y; a[q][k] = s * x + c * y; }
          for (let k = 0; k < n; k++) { const x = v[p][k], y = v[q][k]; v[p][k] = c * x - s * y; v[q][k] = s * x + c * y; }
        }
      }
    }
    return v.map((vector, i) => ({ value: Math.max(a[i][i], 0), vector })).sort((x, y) => y.value - x.value);
  }

  // The directions of a decoder at a code: in pixels (unit vectors), in codes, and their singular values.
  function directions(model, code) {
    const rows = [...code].map((v, k) => {
      const step = 1e-2 * Math.max(1, Math.abs(v)), up = code.slice(), down = code.slice();
      up[k] += step;
      down[k] -= step;
      const a = model.decode(up), b = model.decode(down), width = up[k] - down[k];
      return a.map((value, i) => (value - b[i]) / width);
    });
    const gram = rows.map((a) => rows.map((b) => dot(a, b)));
    const found = eigen(gram), least = 1e-10 * (found[0]?.value ?? 0);
    return found.filter(({ value }) => value > least && value > 0).map(({ value, vector }) => {
      const pixels = new Float64Array(rows[0].length), size = Math.sqrt(value);
      rows.forEach((row, k) => { for (let i = 0; i < pixels.length; i++) pixels[i] += vector[k] * row[i] / size; });
      return { value: size, vector, pixels };
    });
  }

  // The share of a unit vector that lies in the space of some directions.
  const known = (vector, space) => Math.min(Math.sqrt(space.reduce((sum, { pixels }) => sum + dot(vector, pixels) ** 2, 0)), 1);

  return { REAL, real, eigen, directions, known };
})();

Stage.start(async () => {
  const { lab, byId, words, make } = Stage, SHOWN = 16;
  const models = lab.models.filter((model) => model.code_size <= 128);
  if (!models.length) { byId("shown").textContent = "No model of this run has a code of at most 128 numbers."; return; }
  const state = {}, far = byId("far"), direction = byId("direction");
  const shots = Object.fromEntries([["image", "The image"], ["vector", "The direction"], ["straight", "The image plus the direction"],
    ["decoded", "Decoded after a step in the code"], ["made", "The reconstruction"]].map(([name, label]) => [name, Stage.shot(label)]));
  byId("moved").append(shots.image.figure, shots.vector.figure, shots.straight.figure, shots.made.figure, shots.decoded.figure);

  async function pick(name) {
    const before = state.dataset;
    if (!await Stage.open(name, state)) return false;
    if (state.dataset !== before) {
      state.number = 0;
      Stage.strip(byId("images"), state.pool, state.data.shape, state.data, (n) => { state.number = n; place(); });
    }
    place();
    return true;
  }

  function place() {
    state.image = state.pool.image(state.number);
    state.code = state.model.encode(state.image);
    state.own = Tangents.directions(state.model, state.code);
    state.real = Tangents.real(state.image, state.data.shape);
    const chosen = direction.value;
    direction.replaceChildren(
      make("optgroup", { label: "real" }, ...Tangents.REAL.map((name, n) => make("option", { value: `real ${n}`, textContent: name }))),
      make("optgroup", { label: "of the model" }, ...state.own.slice(0, SHOWN).map((_, n) => make("option", { value: `own ${n}`, textContent: `direction ${n + 1}` }))));
    if ([...direction.options].some((option) => option.value === chosen)) direction.value = chosen;
    byId("space").replaceChildren(...Tangents.REAL.map((name, n) => {
      const share = Tangents.known(state.real[n], state.own), bar = make("i");
      bar.style.width = `${100 * share}%`;
      return make("div", {}, make("span", { textContent: name }), bar, make("span", { textContent: Stage.percent(share) }));
    }));
    byId("vectors").replaceChildren(...state.own.slice(0, SHOWN).map(({ pixels, value }, n) => {
      const { figure, canvas, caption } = Stage.shot(`Direction ${n + 1} of the model`);
      Stage.draw(canvas, pixels, state.data.shape, Math.max(...pixels.map(Math.abs)));
      caption.textContent = `${n + 1}: singular value ${value.toPrecision(3)}`;
      return figure;
    }));
    move();
  }

  const move = Stage.framed(() => {
    const [kind, n] = direction.value.split(" "), t = Number(far.value), { shape } = state.data;
    const vector = kind === "real" ? state.real[n] : state.own[n].pixels;
    byId("far-shown").textContent = t.toFixed(1);
    // The step in the code whose picture is nearest to the step in pixels: the projection onto the model's directions.
    const code = Float32Array.from(state.code);
    for (const { pixels, vector: inCode, value } of state.own) {
      let share = 0;
      for (let i = 0; i < pixels.length; i++) share += pixels[i] * vector[i];
      for (let k = 0; k < code.length; k++) code[k] += t * share * inCode[k] / value;
    }
    const moved = Float32Array.from(state.image, (v, i) => v + t * vector[i]), made = state.model.decode(code);
    const start = state.model.decode(state.code);
    Stage.draw(shots.image.canvas, state.image, shape);
    shots.image.caption.textContent = `the image, ${state.data.classes[state.pool.labels[state.number]]}`;
    Stage.draw(shots.vector.canvas, vector, shape, Math.max(...vector.map(Math.abs)));
    shots.vector.caption.textContent = direction.selectedOptions[0].textContent;
    Stage.draw(shots.straight.canvas, moved, shape);
    shots.straight.caption.replaceChildren("the image plus the direction: ", ...Stage.verdict(moved, null, state.read, state.data));
    Stage.draw(shots.made.canvas, start, shape);
    shots.made.caption.replaceChildren("reconstruction: ", ...Stage.verdict(start, null, state.read, state.data));
    Stage.draw(shots.decoded.canvas, made, shape);
    shots.decoded.caption.replaceChildren("the model's own step: ", ...Stage.verdict(made, null, state.read, state.data));
    Stage.say(`${words(state.name)}, ${t.toFixed(1)} units; direction: ${direction.selectedOptions[0].textContent}. `
      + `The model knows ${Stage.percent(Tangents.known(vector, state.own))} of this direction.`);
  });

  far.addEventListener("input", move);
  direction.addEventListener("change", move);
  const first = models.find((model) => model.group === "corrected" && model.code_size > 8) ?? models[0];
  await Stage.begin("model", models, first, pick, state);
});

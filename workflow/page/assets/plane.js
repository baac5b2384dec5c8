// The plane, live: two clouds of codes side by side; the decoders run where the pointer is.
"use strict";

Stage.start(async () => {
  const { lab, byId, make, named, words } = Stage;
  const models = lab.models.filter((model) => model.code_size === 2);
  if (!models.length) { byId("shown").textContent = "No model of this run has a code of two numbers."; return; }
  const sides = [0, 1].map((number) => ({ number, shown: {} }));
  let follow = "image", active = 0;

  const quantile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];

  // The part of the plane to show: nearly all codes, with a margin.
  function bounds(codes) {
    return [0, 1].map((axis) => {
      const sorted = codes.filter((_, i) => i % 2 === axis).sort();
      const low = quantile(sorted, 0.003), high = quantile(sorted, 0.997), margin = 0.06 * (high - low) || 1;
      return [low - margin, high + margin];
    });
  }

  function build(side) {
    side.cloud = make("canvas");
    side.cross = make("canvas");
    const help = "Plane of codes. The arrow keys move the point.";
    side.plot = make("div", { className: "plot", tabIndex: 0, data: {
      role: "application", "aria-label": `${side.number ? "Right" : "Left"}: ${help}`, id: `plot-${side.number}` } }, side.cloud, side.cross);
    side.title = make("h2");
    side.about = make("p", { className: "hint" });
    side.shots = make("div", { className: "shots" });
    byId(`side-${side.number}`).append(side.title, side.about, make("div", { className: "side" }, side.plot, side.shots));

    const at = (event) => {
      const box = side.plot.getBoundingClientRect();
      move(side, [(event.clientX - box.left) / box.width, 1 - (event.clientY - box.top) / box.height]);
    };
    side.plot.addEventListener("pointermove", (event) => { if (event.pointerType === "mouse" || event.buttons) at(event); });
    side.plot.addEventListener("pointerdown", (event) => { side.plot.setPointerCapture(event.pointerId); at(event); });
    side.plot.addEventListener("keydown", (event) => {
      const direction = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
      if (!direction || Stage.modified(event)) return;
      event.preventDefault();
      const size = event.shiftKey ? 0.05 : 0.01;
      move(side, side.place.map((v, axis) => v + size * direction[axis]));
    });
    new ResizeObserver(() => { if (side.place) { drawCloud(side); drawCross(side); } }).observe(side.plot);
  }

  async function pick(side, name) {
    if (!await Stage.open(name, side, Lab.plane(name))) return false;
    side.bounds = bounds(side.codes);
    side.place ??= [0.5, 0.5];
    side.title.textContent = words(name);
    side.about.textContent = `${named.get(name).group}: ${named.get(name).description}`;
    drawCloud(side);
    describe();
    if (sides.every((each) => each.place)) refresh();
    return true;
  }

  // The classes of what is shown, and among how many images the nearest one is sought.
  function describe() {
    const shown = new Map(sides.filter((side) => side.place).map((side) => [side.dataset, side]));
    byId("legend").replaceChildren(...[...shown.values()].flatMap(({ data }) => data.classes.map((name, n) => {
      const dot = make("i");
      dot.style.background = data.colours[n];
      return make("li", {}, dot, name);
    })));
    byId("packed").textContent = `first ${[...shown.values()].map(({ pool }) => pool.count.toLocaleString("en")).join(" or ")}`;
  }

  function sized(canvas) {
    const scale = Math.min(devicePixelRatio || 1, 2), size = Math.round(canvas.parentElement.clientWidth * scale);
    canvas.width = canvas.height = size;
    return [canvas.getContext("2d"), size, scale];
  }

  const toCode = (side, place) => place.map((v, axis) => side.bounds[axis][0] + v * (side.bounds[axis][1] - side.bounds[axis][0]));
  const toPlace = (side, code) => [0, 1].map((axis) => (code[axis] - side.bounds[axis][0]) / (side.bounds[axis][1] - side.bounds[axis][0]));

  function drawCloud(side) {
    const [context, size, scale] = sized(side.cloud), dot = 1.7 * scale;
    context.globalAlpha = 0.6;
    for (let n = 0; n < side.count; n++) {
      const [x, y] = toPlace(side, [side.codes[2 * n], side.codes[2 * n + 1]]);
      context.fillStyle = side.data.colours[side.pool.labels[n]];
      context.fillRect(x * size - dot / 2, (1 - y) * size - dot / 2, dot, dot);
    }
  }

  function drawCross(side) {
    const [context, size, scale] = sized(side.cross), [x, y] = [side.place[0] * size, (1 - side.place[1]) * size];
    const style = getComputedStyle(document.documentElement);
    for (const [width, name] of [[4, "--paper"], [1.6, "--ink"]]) {
      context.strokeStyle = style.getPropertyValue(name);
      context.lineWidth = width * scale;
      context.beginPath();
      context.arc(x, y, 8 * scale, 0, 2 * Math.PI);
      for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
        context.moveTo(x + 8 * scale * dx, y + 8 * scale * dy);
        context.lineTo(x + 15 * scale * dx, y + 15 * scale * dy);
      }
      context.stroke();
    }
  }

  const clamped = (place) => place.map((v) => Math.min(Math.max(v, 0), 1));

  function show(side, code) {
    side.code = code;
    side.image = side.model.decode(code);
    side.near = Lab.nearest(side.image, side.pool);
    const { decoded } = side.shown;
    Stage.draw(decoded.canvas, side.image, side.data.shape);
    decoded.caption.textContent = `decoded at (${[...code].map((v) => v.toFixed(2)).join(", ")})`;
    side.reading = side.read ? side.read(side.image) : null;
    if (side.reading) Stage.reads(decoded.reads, side.reading, side.data);
    Stage.nearest(side.shown.near, side.near, side);
    drawCross(side);
  }

  const refresh = Stage.framed(() => {
    const side = sides[active], other = sides[1 - active];
    show(side, toCode(side, side.place));
    const sameData = side.dataset === other.dataset;
    if (follow === "image" && sameData) {
      const code = other.model.encode(side.pool.image(side.near.number));
      other.place = clamped(toPlace(other, code));
      show(other, code);
    } else {
      other.place = [...side.place];
      show(other, toCode(other, other.place));
    }
    compare();
    const { classes, word } = side.data, near = side.near;
    Stage.say(`${words(side.name)} at ${[...side.code].map((v) => v.toFixed(2)).join(", ")}.${Stage.judged(side.reading, side.data)} `
      + `The nearest ${word} is ${classes[side.pool.labels[near.number]]}, at a distance of ${near.distance.toFixed(2)}.`);
  });

  function compare() {
    const [left, right] = sides, { difference } = sides[0].shown;
    const fits = left.image.length === right.image.length;
    difference.figure.hidden = !fits;
    if (!fits) return;
    const change = left.image.map((v, i) => v - right.image[i]);
    Stage.draw(difference.canvas, change, left.data.shape, 1);
    gap.textContent = `The mean square of the difference is ${Lab.meanSquare(left.image, right.image).toFixed(4)}. Mid-grey is no difference; `
      + "where it is lighter, the left image has more ink.";
  }

  function move(side, place) {
    active = side.number;
    side.place = clamped(place);
    refresh();
  }

  sides.forEach(build);
  for (const side of sides) {
    side.shown.decoded = Stage.shot(`${side.number ? "Right" : "Left"}: the decoded image`);
    side.shown.decoded.reads = make("div", { className: "reads" });
    side.shown.decoded.figure.append(side.shown.decoded.reads);
    side.shown.near = Stage.shot(`${side.number ? "Right" : "Left"}: the nearest test image`);
  }
  for (const side of sides) side.shots.append(side.shown.decoded.figure, side.shown.near.figure);
  sides[0].shown.difference = Stage.shot("Left minus right");
  const gap = make("p");
  byId("point").append(sides[0].shown.difference.figure, gap);

  for (const kind of ["image", "place"]) {
    byId(`follow-${kind}`).addEventListener("click", () => {
      follow = kind;
      for (const each of ["image", "place"]) byId(`follow-${each}`).setAttribute("aria-pressed", String(each === kind));
      refresh();
    });
  }
  document.addEventListener("theme", () => { sides.filter((side) => side.place).forEach(drawCross); });

  const first = models.find((model) => model.group === "published") ?? models[0], second = Stage.twin(first, models);
  await Promise.all([first, second].map((model, n) => Stage.begin(`model-${n}`, models, model, (name) => pick(sides[n], name), sides[n],
    "model with codes of two numbers")));
});

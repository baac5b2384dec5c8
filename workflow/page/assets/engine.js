// Trained models in the browser: packs are read, and networks applied to one image or code at a time.
// The layers compute the same as those of aelab.inference.layers, in float32.
"use strict";

const Lab = (() => {
  const kept = new Map(); // values by kind and name, handed over by the scripts that hold them
  const waiting = new Map(); // scripts that have been asked for, by address

  const keep = (kind, name, value) => kept.set(`${kind}/${name}`, value);

  // Loads a script once. From the disk nothing else can be read.
  function load(address) {
    if (!waiting.has(address)) {
      waiting.set(address, new Promise((resolve, reject) => {
        const script = document.createElement("script");
        script.src = address;
        script.onload = resolve;
        script.onerror = () => {
          waiting.delete(address); // so that it can be asked for again
          script.remove();
          reject(new Error(`${address} could not be loaded`));
        };
        document.head.append(script);
      }));
    }
    return waiting.get(address);
  }

  // -- packs: Rice codes in characters of 15 bits (aelab.page.packing) ---------------------------

  function unpack(pack, Kind = Float32Array) {
    const size = pack.shape.reduce((a, b) => a * b, 1);
    const values = new Kind(size), { text, rice } = pack, step = Math.fround(pack.step ?? 1), mask = 2 ** rice - 1;
    let place = 0, held = 0, left = 0; // `left` bits in `held` are still to be read
    for (let n = 0, to = 0; n < (pack.symbols ?? size); n++) {
      let above = 0;
      for (;;) {
        if (left === 0) { held = text.charCodeAt(place++) - 256; left = 15; }
        const zeros = held === 0 ? left : Math.clz32(held) - 32 + left;
        above += zeros;
        left -= zeros;
        if (left > 0) { left--; held &= (1 << left) - 1; break; }
      }
      let low = 0;
      for (let wanted = rice; wanted > 0;) {
        if (left === 0) { held = text.charCodeAt(place++) - 256; left = 15; }
        const taken = Math.min(wanted, left);
        left -= taken;
        low = (low << taken) | (held >> left);
        held &= (1 << left) - 1;
        wanted -= taken;
      }
      const number = above * (mask + 1) + low;
      const whole = number & 1 ? -(number + 1) / 2 : number / 2;
      if (pack.symbols && whole < 0) to -= whole; // a run of zeros
      else values[to++] = Math.fround(whole) * step;
    }
    return values;
  }

  // -- activations, in place ---------------------------------------------------------------------

  const each = (f) => (x) => { for (let i = 0; i < x.length; i++) x[i] = f(x[i]); return x; };
  const sigmoid = each((v) => 1 / (1 + Math.exp(-v)));

  // The error function by its series, or by a continued fraction where that converges faster.
  function erf(v) {
    const a = Math.abs(v);
    if (a > 6) return Math.sign(v);
    let sum = a, term = a;
    if (a < 3) {
      for (let n = 1; n < 60; n++) { term *= -a * a / n; sum += term / (2 * n + 1); }
      return Math.sign(v) * sum * 2 / Math.sqrt(Math.PI);
    }
    let fraction = 0;
    for (let n = 60; n > 0; n--) fraction = n / 2 / (a + fraction);
    return Math.sign(v) * (1 - Math.exp(-a * a) / Math.sqrt(Math.PI) / (a + fraction));
  }

  function softmax(x) {
    let most = -Infinity, sum = 0;
    for (const v of x) most = Math.max(most, v);
    for (let i = 0; i < x.length; i++) sum += x[i] = Math.exp(x[i] - most);
    for (let i = 0; i < x.length; i++) x[i] /= sum;
    return x;
  }

  const activations = {
    linear: (x) => x,
    relu: (x) => { for (let i = 0; i < x.length; i++) if (x[i] < 0) x[i] = 0; return x; },
    elu: each((v) => v > 0 ? v : Math.expm1(v)),
    gelu: each((v) => v * 0.5 * (1 + erf(v * Math.SQRT1_2))),
    sigmoid,
    softmax: (x, channels) => {
      for (let i = 0; i < x.length; i += channels) softmax(x.subarray(i, i + channels));
      return x;
    },
    softplus: each((v) => Math.max(v, 0) + Math.log1p(Math.exp(-Math.abs(v)))),
    tanh: each(Math.tanh),
    clip: each((v) => Math.min(Math.max(v, 0), 1)),
  };

  // -- layers: values are {data, shape}, where a shape is [k] or [rows, columns, channels] -------

  const value = (shape) => ({ data: new Float32Array(shape.reduce((a, b) => a * b, 1)), shape });

  function margins(size, kernel, stride) {
    const more = Math.max((Math.ceil(size / stride) - 1) * stride + kernel - size, 0);
    return [more >> 1, more - (more >> 1)];
  }

  function dense(x, layer, [kernel, bias]) {
    const [inputs, outputs] = kernel.shape, y = value([outputs]), out = y.data, w = kernel.data;
    out.set(bias.data);
    for (let i = 0; i < inputs; i++) {
      const v = x.data[i];
      if (v !== 0) for (let j = 0, at = i * outputs; j < outputs; j++) out[j] += v * w[at + j];
    }
    return y;
  }

  function transposed(x, layer, [kernel, bias]) {
    const [outputs, inputs] = kernel.shape, y = value([outputs]), w = kernel.data;
    for (let j = 0; j < outputs; j++) {
      let sum = 0;
      for (let i = 0, at = j * inputs; i < inputs; i++) sum += x.data[i] * w[at + i];
      y.data[j] = sum + bias.data[j];
    }
    return y;
  }

  function convolution(x, layer, [kernel, bias]) {
    const [height, width, c] = x.shape, [a, b, , d] = kernel.shape, [down, across] = layer.strides;
    const same = layer.padding === "same";
    const top = same ? margins(height, a, down)[0] : 0, left = same ? margins(width, b, across)[0] : 0;
    const rows = same ? Math.ceil(height / down) : Math.floor((height - a) / down) + 1;
    const columns = same ? Math.ceil(width / across) : Math.floor((width - b) / across) + 1;
    const y = value([rows, columns, d]), out = y.data, w = kernel.data, given = x.data;
    for (let r = 0, to = 0; r < rows; r++) {
      for (let q = 0; q < columns; q++, to += d) {
        for (let k = 0; k < d; k++) out[to + k] = bias.data[k];
        for (let i = 0; i < a; i++) {
          const row = r * down + i - top;
          if (row < 0 || row >= height) continue;
          for (let j = 0; j < b; j++) {
            const column = q * across + j - left;
            if (column < 0 || column >= width) continue;
            let from = (row * width + column) * c, at = (i * b + j) * c * d;
            for (let channel = 0; channel < c; channel++, at += d) {
              const v = given[from + channel];
              if (v !== 0) for (let k = 0; k < d; k++) out[to + k] += v * w[at + k];
            }
          }
        }
      }
    }
    return y;
  }

  function transposedConvolution(x, layer, [kernel, bias]) {
    const [height, width, d] = x.shape, [a, b, c] = kernel.shape, [down, across] = layer.strides;
    const same = layer.padding === "same";
    const rows = same ? height * down : Math.max((height - 1) * down + a, height * down);
    const columns = same ? width * across : Math.max((width - 1) * across + b, width * across);
    const top = same ? margins(rows, a, down)[0] : 0, left = same ? margins(columns, b, across)[0] : 0;
    const y = value([rows, columns, c]), out = y.data, w = kernel.data, given = x.data;
    for (let to = 0; to < out.length; to += c) for (let k = 0; k < c; k++) out[to + k] = bias.data[k];
    for (let r = 0, from = 0; r < height; r++) {
      for (let q = 0; q < width; q++, from += d) {
        for (let i = 0; i < a; i++) {
          const row = r * down + i - top;
          if (row < 0 || row >= rows) continue;
          for (let j = 0; j < b; j++) {
            const column = q * across + j - left;
            if (column < 0 || column >= columns) continue;
            const to = (row * columns + column) * c;
            for (let k = 0, at = (i * b + j) * c * d; k < c; k++, at += d) {
              let sum = 0;
              for (let channel = 0; channel < d; channel++) sum += given[from + channel] * w[at + channel];
              out[to + k] += sum;
            }
          }
        }
      }
    }
    return y;
  }

  function pooling(x, layer) {
    const [a, b] = layer.pool_size, [height, width, c] = x.shape;
    const y = value([Math.floor(height / a), Math.floor(width / b), c]), [rows, columns] = y.shape;
    y.data.fill(-Infinity);
    for (let r = 0; r < rows * a; r++) {
      for (let q = 0; q < columns * b; q++) {
        const from = (r * width + q) * c, to = (Math.floor(r / a) * columns + Math.floor(q / b)) * c;
        for (let k = 0; k < c; k++) if (x.data[from + k] > y.data[to + k]) y.data[to + k] = x.data[from + k];
      }
    }
    return y;
  }

  // Copies pixels: each of the new image comes from the pixel that `source` names, or is 0.
  function moved(x, rows, columns, source) {
    const [height, width, c] = x.shape, y = value([rows, columns, c]);
    for (let r = 0; r < rows; r++) {
      for (let q = 0; q < columns; q++) {
        const [row, column] = source(r, q);
        if (row < 0 || column < 0 || row >= height || column >= width) continue;
        const from = (row * width + column) * c;
        y.data.set(x.data.subarray(from, from + c), (r * columns + q) * c);
      }
    }
    return y;
  }

  function padded(x, [[top, bottom], [left, right]], sign) {
    const [height, width] = x.shape;
    return moved(x, height + sign * (top + bottom), width + sign * (left + right),
      (r, q) => [r - sign * top, q - sign * left]);
  }

  function concatenated(xs) {
    const channels = xs.map((x) => x.shape.at(-1)), total = channels.reduce((a, b) => a + b, 0);
    const y = value([...xs[0].shape.slice(0, -1), total]);
    for (let pixel = 0, to = 0; to < y.data.length; pixel++) {
      xs.forEach((x, n) => {
        y.data.set(x.data.subarray(pixel * channels[n], (pixel + 1) * channels[n]), to);
        to += channels[n];
      });
    }
    return y;
  }

  const added = (xs) => ({
    data: xs.slice(1).reduce((sum, x) => sum.map((v, i) => v + x.data[i]), xs[0].data), shape: xs[0].shape,
  });

  const layers = {
    Activation: (x) => ({ data: x.data.slice(), shape: x.shape }),
    Add: added,
    Concatenate: concatenated,
    Conv2D: convolution,
    Conv2DTranspose: transposedConvolution,
    Cropping2D: (x, layer) => padded(x, layer.cropping, -1),
    Dense: dense,
    Flatten: (x) => ({ data: x.data, shape: [x.data.length] }),
    LeakyReLU: (x, layer) => ({
      data: x.data.map((v) => Math.max(v, Math.fround(layer.negative_slope) * v)), shape: x.shape,
    }),
    MaxPooling2D: pooling,
    Reshape: (x, layer) => ({ data: x.data, shape: layer.target_shape }),
    Transposed: transposed,
    UpSampling2D: (x, layer) => moved(x, x.shape[0] * layer.size[0], x.shape[1] * layer.size[1],
      (r, q) => [Math.floor(r / layer.size[0]), Math.floor(q / layer.size[1])]),
    ZeroPadding2D: (x, layer) => padded(x, layer.padding, 1),
  };

  function apply(x, network, weights) {
    const needed = new Set(network.flatMap((layer) => layer.inputs ?? [])), results = { 0: x };
    network.forEach((layer, n) => {
      if (layer.inputs) x = layer.inputs.map((position) => results[position]);
      if (Array.isArray(x) && x.length === 1) x = x[0];
      const before = x;
      x = layers[layer.layer](x, layer, layer.weights.map((name) => weights[name]));
      const activation = layer.activation ?? "linear";
      if (activation !== "linear") {
        if (x.data === before.data) x = { data: x.data.slice(), shape: x.shape };
        activations[activation](x.data, x.shape.at(-1));
      }
      if (needed.has(n + 1)) results[n + 1] = x;
    });
    return x;
  }

  // -- models ------------------------------------------------------------------------------------

  class Model {
    constructor(pack) {
      this.family = pack.family;
      this.networks = pack.networks;
      this.output = pack.output;
      this.weights = {};
      for (const [name, array] of Object.entries(pack.weights)) {
        this.weights[name] = { data: unpack(array), shape: array.shape };
      }
    }

    through(network, data) {
      return apply({ data, shape: [data.length] }, this.networks[network], this.weights).data;
    }

    encode(image) {
      const code = this.through("encoder", Float32Array.from(image));
      return this.family === "variational" ? code.slice(0, code.length / 2) : code;
    }

    decode(code) {
      return activations[this.output](this.through("decoder", Float32Array.from(code)).slice());
    }

    reconstruct(image) { return this.decode(this.encode(image)); }

    // The probabilities of the classes, for a classifier.
    read(image) {
      let x = Float32Array.from(image, (v) => Math.min(Math.max(v, 0), 1));
      for (const network of Object.keys(this.networks)) x = this.through(network, x);
      return softmax(x.slice());
    }
  }

  const models = new Map();

  // The model of a name, once its script is loaded; `folder` is that of its script. One that the page cannot apply has
  // nothing but `unsuited`, the reason.
  async function model(name, folder = "models") {
    if (!models.has(name)) {
      await load(`${folder}/${folder === "models" ? name : name.replaceAll("-", "/")}.js`);
      const pack = kept.get(`model/${name}`);
      if (!models.has(name)) models.set(name, pack.unsuited ? pack : new Model(pack));
      kept.delete(`model/${name}`);
    }
    return models.get(name);
  }

  async function images(name) {
    await load(`images/${name}.js`);
    const pack = kept.get(`images/${name}`);
    if (!pack.ready) {
      const [count, pixels] = pack.images.shape, data = unpack(pack.images), means = unpack(pack.means);
      pack.ready = {
        count, pixels, data, labels: unpack(pack.labels, Uint8Array), classes: pack.classes,
        image: (n) => data.subarray(n * pixels, (n + 1) * pixels),
        mean: (n) => means.subarray(n * pixels, (n + 1) * pixels),
      };
    }
    return pack.ready;
  }

  async function plane(name) {
    await load(`planes/${name}.js`);
    const pack = kept.get(`plane/${name}`);
    if (!pack.ready) {
      const whole = unpack({ ...pack, step: 1 }), count = pack.shape[0], codes = new Float32Array(2 * count);
      for (let i = 0; i < codes.length; i++) codes[i] = pack.low[i % 2] + pack.step[i % 2] * whole[i];
      pack.ready = { count, codes };
    }
    return pack.ready;
  }

  // -- images ------------------------------------------------------------------------------------

  function meanSquare(a, b) {
    let sum = 0;
    for (let i = 0; i < a.length; i++) sum += (a[i] - b[i]) ** 2;
    return sum / a.length;
  }

  // The nearest of the packed images: its number and its Euclidean distance.
  function nearest(image, pool) {
    let best = Infinity, number = 0;
    for (let n = 0, at = 0; n < pool.count; n++, at += pool.pixels) {
      let sum = 0;
      for (let i = 0; i < pool.pixels; i++) {
        const d = image[i] - pool.data[at + i];
        sum += d * d;
        if ((i & 63) === 63 && sum >= best) break;
      }
      if (sum < best) { best = sum; number = n; }
    }
    return { number, distance: Math.sqrt(best) };
  }

  // Random numbers from a seed (mulberry32), and normal ones from those (Box and Muller).
  function generator(seed) {
    let state = seed >>> 0;
    const uniform = () => {
      state = (state + 0x6d2b79f5) >>> 0;
      let t = state;
      t = Math.imul(t ^ (t >>> 15), t | 1);
      t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
      return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    };
    const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
    return { uniform, normal };
  }

  // The kinds of noise of aelab.data.corruption, from another generator.
  function corrupt(image, { kind, amount, clip }, seed) {
    const { uniform, normal } = generator(seed);
    const noise = {
      gaussian: (v) => v + amount * normal(),
      masking: (v) => (uniform() < amount ? 0 : v),
      salt_and_pepper: (v) => { const u = uniform(); return u < amount / 2 ? 0 : u < amount ? 1 : v; },
    }[kind];
    const noisy = Float32Array.from(image, noise);
    return clip ? activations.clip(noisy) : noisy;
  }

  return { keep, load, unpack, model, images, plane, meanSquare, nearest, generator, corrupt, Model, activations, layers };
})();

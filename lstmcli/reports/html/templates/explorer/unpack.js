// Reads what packed.py writes: texts, and numbers of four significant digits.

const SMALLEST = -9, EACH = 9000, POWERS = 15, UNIT = 3 - SMALLEST;
const TENS = Array.from({ length: 23 }, (_, k) => Number("1e" + k));

// The bytes behind compressed base64.
async function inflate(text) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

async function unpackJson(text) {
  return JSON.parse(new TextDecoder().decode(await inflate(text)));
}

const scaled = (value, places) => (places < 0 ? value / TENS[-places] : value * TENS[places]);

// A number as a whole one that grows with it, as `codes_of` in packed.py has it.
function codeOf(value) {
  const size = Math.abs(value);
  if (size < TENS[0] / TENS[-SMALLEST]) return 0;
  let power = Math.min(Math.max(Math.floor(Math.log10(size)) - SMALLEST, 0), POWERS - 1);
  let digits = Math.floor(scaled(size, UNIT - power) + 0.5);
  if (digits > 9999) { power += 1; digits = 1000; }
  return Math.sign(value) * (power * EACH + Math.max(digits, 1000) - 999);
}

function numberOf(code) {
  if (code === 0) return 0;
  const place = Math.abs(code) - 1;
  return scaled(Math.sign(code) * ((place % EACH) + 1000), Math.floor(place / EACH) - UNIT);
}

// What a gate makes of the sum inside it.
const squash = (gate, sum) => (gate.signed ? Math.tanh(sum) : 1 / (1 + Math.exp(-sum)));

// What the equations of the cell give for each state, from the gates and the states before.
const PREDICTED = {
  lstm: { c: (v, k, before) => v.f[k] * before("c", k) + v.i[k] * v.g[k],
          h: (v, k) => v.o[k] * Math.tanh(v.c[k]) },
  gru: { h: (v, k, before) => v.z[k] * before("h", k) + (1 - v.z[k]) * v.n[k] },
  rnn: { h: (v, k) => v.a[k] },
};

// The layers of a window: arrays by letter, the number of unit u at step s at s * units + u.
async function unpackLayers(text, shape) {
  const bytes = await inflate(text), count = bytes.length / 3;
  let at = 0;
  const next = () => {
    const folded = bytes[at] | (bytes[at + count] << 8) | (bytes[at + 2 * count] << 16);
    at += 1;
    return folded & 1 ? -(folded + 1) / 2 : folded / 2;
  };
  const arrays = 3 * shape.gates.length + shape.states.length;
  const size = count / (shape.layers * arrays);
  return Array.from({ length: shape.layers }, () => readLayer(shape, size, next));
}

function readLayer(shape, size, next) {
  const values = {};
  for (const gate of shape.gates) {
    const sums = values[`${gate.key}_sum`] = Float64Array.from({ length: size }, next);
    values[`${gate.key}_x`] = Float64Array.from({ length: size }, next);
    values[gate.key] = sums.map((sum) => numberOf(codeOf(squash(gate, sum / 1000)) + next()));
  }
  const before = (state, k) => (k < shape.units ? 0 : values[state][k - shape.units]);
  for (const state of shape.states) {
    const array = values[state.key] = new Float64Array(size);
    const predict = PREDICTED[shape.cell][state.key];
    for (let k = 0; k < size; k += 1) array[k] = numberOf(codeOf(predict(values, k, before)) + next());
  }
  return values;
}

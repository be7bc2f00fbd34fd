// The drawing of the cell and its equations, with the numbers of one unit at one step.

// An operation where two lines meet.
const node = (x, y, sign) => draw("g", { class: "node" },
  draw("circle", { cx: x, cy: y, r: 12 }), word(x, y + 5, sign, { class: "sign" }));

const arrow = (d, look = "flow") => draw("path", { d, class: look, "marker-end": "url(#tip)" });

const tip = () => draw("defs", {}, draw("marker", { id: "tip", viewBox: "0 0 8 8", refX: 7, refY: 4,
  markerWidth: 7, markerHeight: 7, orient: "auto-start-reverse" }, draw("path", { d: "M0 0L8 4L0 8Z", class: "tip" })));

// Places for a wide page and for a narrow one: the margin beside the body, from box to box, the branch to h.
const WIDE = { margin: 78, pitch: 104, room: 94, branch: 30 }, NARROW = { margin: 68, pitch: 74, room: 68, branch: 26 };
const C_LINE = 70, BUS = 282, BOX = 216, TALL = 346;

function places(narrow) {
  const size = narrow ? NARROW : WIDE, { margin, pitch, branch } = size;
  const right = margin + 4 * pitch + 2 * branch;
  return { ...size, narrow, right, width: right + margin, x: (k) => margin + pitch * (k + 0.5),
    out: margin + 4 * pitch + branch, left: margin / 2, end: right + margin / 2 };
}

// A gate: how far it is open shows as a bar at its bottom. The candidate's bar grows from the middle.
function box(at, x, gate, value) {
  const left = x - at.room / 2, room = at.room - 10;
  const bar = gate.signed
    ? { x: left + 5 + room / 2 * (1 + Math.min(value, 0)), width: room / 2 * Math.abs(value) }
    : { x: left + 5, width: room * value };
  return draw("g", { class: `box ${gate.name}` },
    draw("rect", { x: left, y: BOX - 27, width: at.room, height: 54, rx: 6, class: "shape" }),
    draw("rect", { x: left + 5, y: BOX + 17, width: room, height: 5, class: "rail" }),
    draw("rect", { y: BOX + 17, height: 5, class: "bar", ...bar }),
    word(x, BOX - 11, at.narrow ? gate.letter : `${gate.name} ${gate.letter}`, { class: "name" }),
    figure(x, BOX + 8, value, gate.key),
    word(x + 7, BOX + 45, gate.signed ? "tanh" : "σ", { class: "kind start" }));
}

function figure(x, y, value, name, anchor = "") {
  const text = digits(value);
  return word(x, y, text, { class: `number ${anchor}${text.length > 7 ? " long" : ""}`, "data-of": name });
}
const label = (x, y, text, anchor = "") => word(x, y, text, { class: `label ${anchor}` });
const ellipse = (x, y, wide) => draw("ellipse", { cx: x, cy: y, rx: wide, ry: 13, class: "shape" });

// What all cells have: the body, the states that come and go, and the values that the step reads.
function around(at, v, top) {
  const state = (x, y, name, key) => [label(x, y, name), figure(x, y + 18, v[key], key)];
  return [draw("rect", { x: at.margin, y: 16, width: at.right - at.margin, height: 292, rx: 14, class: "body" }),
    ...(top ? [...state(at.left, C_LINE - 30, `${top}_prev`, `${top}_prev`)] : []),
    ...state(at.end, C_LINE - 30, top || "h", top || "h"),
    ...(top === "h" ? [] : state(at.left, BUS - 30, "h_prev", "h_prev")),
    ...(top === "c" ? state(at.end, BUS - 16, "h", "h") : []),
    arrow(`M${at.margin + 16} ${TALL - 2}V${BUS + 2}`), label(at.margin + 26, TALL - 8, `x: ${v.read}`, "start")];
}

// Up from the line of h and x into boxes at these places.
const feed = (at, ks) => [arrow(`M4 ${BUS}H${at.x(ks.at(-1))}V${BOX + 27}`),
  ...ks.slice(0, -1).map((k) => arrow(`M${at.x(k)} ${BUS}V${BOX + 27}`))];

const CELLS = {
  lstm: (at, v, gates) => {
    const [f, i, g, o] = [0, 1, 2, 3].map(at.x), up = BOX - 27, low = BUS + 14;
    return [...around(at, v, "c"), arrow(`M4 ${C_LINE}H${at.width - 4}`), ...feed(at, [0, 1, 2, 3]),
      arrow(`M${f} ${up}V${C_LINE + 13}`), arrow(`M${i} ${up}V146H${g - 13}`), arrow(`M${g} ${up}V159`),
      arrow(`M${g} 134V${C_LINE + 13}`), arrow(`M${at.out} ${C_LINE}V101`), arrow(`M${at.out} 127V148`),
      arrow(`M${o} ${up}V160H${at.out - 13}`), arrow(`M${at.out} 172V${low}H${at.width - 4}`),
      node(f, C_LINE, "×"), node(g, C_LINE, "+"), node(g, 146, "×"), node(at.out, 160, "×"),
      ellipse(at.out, 114, 24), word(at.out, 118, "tanh", { class: "kind" }),
      box(at, f, gates.f, v.f), box(at, i, gates.i, v.i), box(at, g, gates.g, v.g), box(at, o, gates.o, v.o),
      label((f + g) / 2, 42, "stays: f × c_prev"), figure((f + g) / 2, 60, v.f * v.c_prev, "kept"),
      label(g - 8, 104, "added: i × g", "end"), figure(g - 8, 122, v.i * v.g, "added", "end"),
      figure(at.out - 12, 96, Math.tanh(v.c), "tanh", "end")];
  },
  gru: (at, v, gates) => {
    const [z, r, n] = [0.25, 1.65, 3.05].map(at.x), up = BOX - 27;
    return [...around(at, v, "h"), arrow(`M4 ${C_LINE}H${at.width - 4}`),
      arrow(`M${at.margin + 14} ${C_LINE}V${BUS}H${n}V${BOX + 27}`),
      ...[z, r].map((x) => arrow(`M${x} ${BUS}V${BOX + 27}`)),
      arrow(`M${z} ${up}V${C_LINE + 13}`), arrow(`M${z} 146H${r - 37}`), arrow(`M${r + 36} 146H${n - 13}`),
      arrow(`M${n} ${up}V159`), arrow(`M${n} 134V${C_LINE + 13}`), arrow(`M${r + at.room / 2} ${BOX}H${n - at.room / 2 - 1}`),
      node(z, C_LINE, "×"), node(n, C_LINE, "+"), node(n, 146, "×"), ellipse(r, 146, 36),
      figure(r, 151, 1 - v.z, "1-z"), label(r, 127, "1 − z"),
      box(at, z, gates.z, v.z), box(at, r, gates.r, v.r), box(at, n, gates.n, v.n),
      label((r + n) / 2, BOX - 6, "r"),
      label((z + n) / 2, 42, "stays: z × h_prev"), figure((z + n) / 2, 60, v.z * v.h_prev, "kept"),
      label(n - 8, 104, "added: (1 − z) × n", "end"), figure(n - 8, 122, (1 - v.z) * v.n, "added", "end")];
  },
  rnn: (at, v, gates) => {
    const x = at.x(1.5), up = BOX - 27;
    return [...around(at, v, ""), ...feed(at, [1.5]), arrow(`M${x} ${up}V${C_LINE}H${at.width - 4}`),
      box(at, x, { ...gates.a, name: "state", letter: "h" }, v.h),
      label(x + 12, 108, "slope of tanh, 1 − h²:", "start"), figure(x + 12, 128, 1 - v.h * v.h, "slope", "start"),
      label(x + 12, 147, "a change shrinks by it", "start")];
  },
};

const DESCRIBED = { lstm: "c runs along the top: what the forget gate lets stay, and what input gate and candidate add.",
  gru: "h runs along the top: what the update gate lets stay, and what of the candidate takes its place.",
  rnn: "h is made anew at every step." };

function drawCell(shape, values, narrow) {
  const gates = Object.fromEntries(shape.gates.map((gate) => [gate.key, gate])), at = places(narrow);
  return draw("svg", { viewBox: `0 0 ${at.width} ${TALL}`, role: "img", class: narrow ? "cell narrow" : "cell",
    "aria-label": DESCRIBED[shape.cell] },
    tip(), ...CELLS[shape.cell](at, values, gates));
}

// A share as a percentage, with more digits near its ends.
function percent(share) {
  const near = Math.min(share, 1 - share), places = near >= 0.1 ? 0 : near >= 0.001 ? 1 : 2;
  return `${Number((100 * share).toFixed(places))} %`;
}

// What the gates do at this step, in words.
const SAID = {
  lstm: (v) => `The forget gate keeps ${percent(v.f)} of the cell state, the input gate writes ${percent(v.i)} of the candidate, `
    + `the output gate shows ${percent(v.o)}.`,
  gru: (v) => `The update gate keeps ${percent(v.z)} of the hidden state and takes ${percent(1 - v.z)} of the candidate, `
    + `which reads ${percent(v.r)} of it through the reset gate.`,
  rnn: () => "Nothing is kept as it is: the hidden state is made anew.",
};

// What one step lets through of what a unit holds, or of a change of it, along the unit alone.
const PASSED = { lstm: (v, k) => v.f[k], gru: (v, k) => v.z[k], rnn: (v, k) => 1 - v.h[k] * v.h[k] };

// What is left of it at the last step, in words; nothing at the last step itself.
function sayLeft(shape, layer, unit, step, steps) {
  let left = 1;
  for (let later = step + 1; later < steps; later += 1) left *= PASSED[shape.cell](layer, later * shape.units + unit);
  if (step === steps - 1) return "";
  const share = left < 1e-4 ? "less than 0.01 %" : percent(left);
  return shape.cell === "rnn" ? ` Until the last step the slopes of tanh alone leave ${share} of a change here.`
    : ` Of what it holds now ${share} is left at the last step: the product of ${shape.cell === "lstm" ? "f" : "z"} until then.`;
}

// The right sides of the equations of states, filled in.
const FILLED = {
  lstm: { c: (v) => `${digits(v.f)} × ${factor(v.c_prev)} + ${digits(v.i)} × ${factor(v.g)}`,
          h: (v) => `${digits(v.o)} × tanh(${digits(v.c)})` },
  gru: { h: (v) => `${digits(v.z)} × ${factor(v.h_prev)} + (1 − ${digits(v.z)}) × ${factor(v.n)}` },
  rnn: {},
};

// The terms inside a gate, in the order of its equation: whole thousandths, so that those shown add up.
function writeInside(shape, gate, inside) {
  const term = (name) => make("span", { "data-of": `${gate.key}_${name}` }, thousandths(inside[name]));
  const order = shape.cell === "gru" && gate.signed ? ["x", "b", "h"] : ["x", "h", "b"];
  const terms = order.flatMap((name, k) => [k ? " + " : "", ...(inside[name] < 0 && k ? ["(", term(name), ")"] : [term(name)])]);
  const curve = gate.signed ? "tanh" : "σ";
  return [`≈ ${curve}(`, ...terms, `) = ${curve}(`, term("sum"), ") = "];
}

// Each equation as in network/cells.py, with its meaning and its numbers.
function writeEquations(shape, values) {
  return shape.equations.map(({ text, meaning }) => {
    const letter = text.split(" ")[0], filled = FILLED[shape.cell][letter];
    const gate = shape.gates.find((one) => one.letter === letter || (shape.cell === "rnn" && letter === "h"));
    const number = make("b", { "data-of": letter }, digits(values[letter]));
    return make("li", { class: shape.looks[letter] || "" }, make("span", { class: "meaning" }, meaning),
      make("span", { class: "equation" }, text.replaceAll("*", "×").replaceAll("sigmoid", "σ").replaceAll(" - ", " − ")),
      make("span", { class: "filled" }, ...(filled ? [`≈ ${filled(values)} = `] : writeInside(shape, gate, values.inside[gate.key])), number));
  });
}

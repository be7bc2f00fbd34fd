// What is chosen, the controls, the keys, and the address that restores a choice.

const shape = JSON.parse(byId("explorer-data").textContent);
const LISTED = 60;  // units that behave alike
const opened = new Map();  // windows unpacked, by number
const choice = { window: shape.first, layer: 0, unit: 0, step: 0, range: null };
let maps = [], place = null, playing = 0, shown = null;

function windowAt(number) {
  if (!opened.has(number)) {
    const packed = shape.windows[number];
    opened.set(number, Promise.all([unpackJson(packed.text), unpackLayers(packed.numbers, shape)])
      .then(([texts, layers]) => ({ ...packed, ...texts, layers })));
  }
  return opened.get(number);
}

const orderOf = (layer) => shape.memory[layer].order;
const placesOf = (series) => shape.windows.flatMap((window, k) => (window.series === series ? [k] : []));
const clip = (value, most) => Math.min(Math.max(value, 0), most);

// Steps count from 1, the first that reads a value of the series; padding before it is 0, -1 and so on.
const countOf = (window, step) => step + 1 - window.padded;
const countText = (window, step) => `${countOf(window, step)}`.replace("-", "−");
const lastOf = (window) => window.steps - window.padded;

// What a step reads, in words: its value, or how many there are from the least to the largest.
function readAt(window, step) {
  const first = (shape.steps - window.steps + step) * shape.segment;
  const known = window.values.slice(first, first + shape.segment).filter((value) => value !== null);
  if (step < window.padded) return "padding, no value";
  if (!known.length) return "no known value";
  if (shape.segment === 1) return `made of ${amount(known[0])}`;
  return `made of ${many(known.length, "value")}, ${amount(Math.min(...known))} to ${amount(Math.max(...known))}`;
}

// The numbers of one unit at one step, by letter, with the states before.
function numbersAt(window, layer, unit, step) {
  const at = step * shape.units + unit, values = {};
  for (const key of [...shape.gates, ...shape.states].map((part) => part.key)) values[key] = layer[key][at];
  values.inside = insideAt(layer, unit, at);
  values.read = choice.layer ? `h of layer ${choice.layer}, all units` : readAt(window, step);
  for (const { key } of shape.states) values[`${key}_prev`] = step ? layer[key][at - shape.units] : 0;
  return values;
}

// The terms inside each gate in thousandths: of x, of h, the bias, and their sum.
function insideAt(layer, unit, at) {
  return Object.fromEntries(shape.gates.map(({ key }, k) => {
    const sum = layer[`${key}_sum`][at], x = layer[`${key}_x`][at], b = shape.bias[choice.layer][k][unit];
    return [key, { x, h: sum - x - b, b, sum }];
  }));
}

async function change(changes = {}) {
  const next = { ...choice, ...changes }, window = await windowAt(next.window);
  next.step = clip(next.step, window.steps - 1);
  if (next.range) next.range = next.range.map((step) => clip(step, window.steps - 1));
  const other = shown !== window || choice.layer !== next.layer;
  Object.assign(choice, next);
  shown = window;
  if (other || !place) paintMaps();
  showAll();
  writeAddress();
}

function showAll() {
  const layer = shown.layers[choice.layer], numbers = numbersAt(shown, layer, choice.unit, choice.step);
  byId("cell").replaceChildren(drawCell(shape, numbers, byId("cell").clientWidth < 460));
  byId("equations").replaceChildren(...writeEquations(shape, numbers));
  byId("where").textContent = where(choice.unit, choice.step);
  byId("said").textContent = SAID[shape.cell](numbers)
    + sayLeft(shape, layer, choice.unit, choice.step, shown.steps);
  showStrips();
  for (const map of maps) markMap(map, choice);
  showControls();
  showAlike();
}

function showStrips() {
  const holder = byId("strips"), made = drawStrips(shape, shown, shown.layers[choice.layer], choice, holder.clientWidth || 340);
  place = made.place;
  holder.replaceChildren(made.svg);
}

function paintMaps(paper = false) {
  const colours = mapColours(paper), order = orderOf(choice.layer);
  for (const map of maps) paintMap(map, shape, shown, shown.layers[choice.layer], order, colours);
}

// A unit and a step in words.
function where(unit, step) {
  const memory = shape.memory[choice.layer].texts[unit], first = shape.steps - shown.steps;
  const from = (first + step) * shape.segment, to = from + shape.segment - 1;
  const time = from === to ? shown.times[from] : `${shown.times[from]} to ${shown.times[to]}`;
  const name = `Unit ${unit + 1}${memory ? `, half-life ${memory}` : ""}.`;
  return step < shown.padded ? `${name} Step ${countText(shown, step)} reads padding: the series begins at step 1.`
    : `${name} Step ${countOf(shown, step)} of ${lastOf(shown)} reads ${time}.`;
}

function hover(unit, step) {
  const text = unit === undefined ? "" : where(unit, step) + shape.parts.map((part) =>
    ` ${part.letter} ${digits(shown.layers[choice.layer][part.key][step * shape.units + unit])}`).join(",");
  byId("hovered").textContent = text || "Touch or point at a map: its unit, step and numbers stand here.";
}

const options = (names, chosen, numbers) => names.map((name, k) =>
  make("option", { value: numbers ? numbers[k] : k, selected: (numbers ? numbers[k] : k) === chosen }, name));

function showControls() {
  const series = shape.windows[choice.window].series, numbers = placesOf(series), order = orderOf(choice.layer);
  byId("series").replaceChildren(...options(shape.series, series));
  byId("origin").replaceChildren(...options(numbers.map((k) => shape.windows[k].time), choice.window, numbers));
  byId("layer").replaceChildren(...options(shape.memory.map((_, k) => `${k + 1}`), choice.layer));
  const texts = shape.memory[choice.layer].texts;
  byId("unit").replaceChildren(...options(order.map((u) => `${u + 1}${texts[u] ? `: ${texts[u].split(" (")[0]}` : ""}`), choice.unit, order));
  byId("step").min = countOf(shown, 0);
  byId("step").max = lastOf(shown);
  byId("step").value = countOf(shown, choice.step);
  byId("step-text").textContent = choice.step < shown.padded ? `${countText(shown, choice.step)}, padding`
    : `${countOf(shown, choice.step)} of ${lastOf(shown)}`;
  byId("play").textContent = playing ? "Stop" : "Play";
}

const stepsText = (window, range) => {
  const [from, to] = range.map((step) => countText(window, step));
  return from === to ? `step ${from}` : `steps ${from} to ${to}`;
};
const isAbove = () => byId("side").value === "above";
const condition = () => ({ key: byId("quantity").value, above: isAbove(),
  threshold: Number(byId("threshold").value) * (isAbove() || byId("quantity").selectedOptions[0].dataset.signed === "no" ? 1 : -1) });

// The bound goes from 0 to the largest number that there is in this window: 1, but for the cell state.
function setBound() {
  const part = shape.parts.find((one) => one.key === byId("quantity").value), bound = byId("threshold");
  const most = part.bound || !part.signed ? 1 : Math.ceil(Math.max(...shown.layers[choice.layer][part.key].map(Math.abs))) || 1;
  bound.max = most;
  bound.step = most / 20;
  bound.value = most / 2;
}

async function showAlike() {
  const range = choice.range || [choice.step, choice.step], asked = condition(), own = { ...choice, range };
  const found = unitsAlike(shown.layers[choice.layer], shape.units, range, asked);
  byId("range-text").textContent = stepsText(shown, range);
  byId("threshold-text").textContent = digits(asked.threshold);
  byId("alike-count").textContent = `${many(found.length, "unit")} of ${shape.units}${found.length > LISTED ? `, ${LISTED} shown` : ""}`;
  const sorted = orderOf(choice.layer).filter((unit) => found.includes(unit));
  byId("alike-units").replaceChildren(...sorted.slice(0, LISTED).map((unit) => make("button",
    { type: "button", class: unit === choice.unit ? "on" : "", onclick: () => change({ unit }) }, `${unit + 1}`)));
  const windows = await Promise.all(shape.windows.map((_, k) => windowAt(k)));
  if (own.window !== choice.window || own.step !== choice.step) return;
  const places = found.length ? windowsAlike(windows, shape, own, found, asked) : [];
  byId("alike-windows").replaceChildren(...places.map((match) => matchButton(match, windows[match.number], found.length)));
}

function matchButton(match, window, count) {
  const first = (shape.steps - window.steps + match.from) * shape.segment;
  const name = shape.series.length > 1 ? `${shape.series[window.series]}, ` : "";
  return make("button", { type: "button", class: "match",
    onclick: () => change({ window: match.number, step: match.from, range: [match.from, match.to] }) },
    spark(window, match, shape), make("span", {}, `${name}${window.times[first]}`),
    make("small", {}, `${match.both} of ${many(count, "unit")}; ${stepsText(window, [match.from, match.to])}`));
}

// The address: everything counts as in the trace.
function writeAddress() {
  const series = shape.windows[choice.window].series;
  const parts = { series: series + 1, origin: placesOf(series).indexOf(choice.window) + 1,
    layer: choice.layer + 1, unit: choice.unit + 1, step: countOf(shown, choice.step) };
  if (choice.range) parts.range = choice.range.map((step) => countOf(shown, step)).join("-");
  history.replaceState(null, "", "#" + new URLSearchParams(parts));
}

function readAddress() {
  const given = new URLSearchParams(location.hash.slice(1)), made = {};
  const number = (name) => Number.parseInt(given.get(name), 10) - 1;
  const windows = placesOf(clip(number("series") || 0, shape.series.length - 1));
  if (given.has("series") || given.has("origin")) made.window = windows[number("origin")] ?? windows.at(-1);
  for (const [name, most] of [["layer", shape.layers], ["unit", shape.units]]) {
    if (number(name) >= 0) made[name] = clip(number(name), most - 1);
  }
  const { padded } = shape.windows[made.window ?? choice.window], step = number("step") + padded;
  if (!Number.isNaN(step)) made.step = clip(step, shape.steps - 1);
  const range = /^(-?\d+)-(-?\d+)$/.exec(given.get("range") || "");
  if (range) made.range = range.slice(1).map((count) => Math.max(count - 1 + padded, 0)).sort((a, b) => a - b);
  return made;
}

function move(by) { return change({ step: clip(choice.step + by, shown.steps - 1), range: null }); }

function moveUnit(by) {
  const order = orderOf(choice.layer);
  return change({ unit: order[clip(order.indexOf(choice.unit) + by, order.length - 1)] });
}

function play(on = !playing) {
  clearInterval(playing);
  playing = on ? setInterval(() => (choice.step < shown.steps - 1 ? move(1) : play(false)), 700) : 0;
  if (on && choice.step === shown.steps - 1) change({ step: 0, range: null });
  showControls();
}

// Left and right: the step; with the shift key the range grows. Up and down, within this part: the unit.
function onKey(event) {
  const within = byId("explorer").contains(event.target), field = event.target.matches("select, input, textarea");
  if (field || event.ctrlKey || event.altKey || event.metaKey) return;
  const across = { ArrowLeft: -1, ArrowRight: 1 }[event.key], down = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (across && event.shiftKey) {
    const range = choice.range || [choice.step, choice.step];
    change({ range: [range[0], clip(range[1] + across, shown.steps - 1)].sort((a, b) => a - b) });
  } else if (across) move(across);
  else if (down && within) moveUnit(down);
  else if (event.key === "Escape" && choice.range) change({ range: null });
  else return;
  event.preventDefault();
}

// A press on the strips picks a step; a pull over several picks a range.
function listenToStrips() {
  let from = null;
  const holder = byId("strips"), at = (event) => place.stepAt(event.clientX - holder.getBoundingClientRect().left);
  holder.addEventListener("pointerdown", (event) => { from = at(event); change({ step: from, range: null }); });
  holder.addEventListener("pointermove", (event) => {
    const to = at(event);
    if (from !== null && event.buttons) change({ range: to === from ? null : [Math.min(from, to), Math.max(from, to)] });
    byId("pointed").textContent = pointed(event);
  });
  for (const end of ["pointerup", "pointercancel"]) window.addEventListener(end, () => { from = null; });
  holder.addEventListener("pointerleave", () => { byId("pointed").textContent = ""; });
}

// The value under the pointer, in words.
function pointed(event) {
  const x = event.clientX - byId("strips").getBoundingClientRect().left;
  const k = Math.floor((x - place.left) / (place.at(1) - place.at(0)));
  if (k < 0 || k >= place.length + place.ahead) return "";
  if (k < place.length) return `${shown.times[k]}: ${amount(shown.values[k])}. ${where(choice.unit, place.stepAt(x))}`;
  const at = k - place.length, spread = shown.low[at] === null || !shape.interval ? "" : ` (${amount(shown.low[at])} to ${amount(shown.high[at])})`;
  return `${shown.aheadTimes[at]}: forecast ${amount(shown.median[at])}${spread}, then ${amount(shown.actual[at])}.`;
}

function listen() {
  const set = (id, act) => byId(id).addEventListener("input", (event) => act(Number(event.target.value)));
  set("series", (series) => change({ window: placesOf(series).at(-1), range: null }));
  set("origin", (number) => change({ window: number, range: null }));
  set("layer", (layer) => change({ layer }));
  set("unit", (unit) => change({ unit }));
  set("step", (step) => change({ step: step - 1 + shown.padded, range: null }));
  byId("step-back").addEventListener("click", () => move(-1));
  byId("step-on").addEventListener("click", () => move(1));
  byId("unit-up").addEventListener("click", () => moveUnit(-1));
  byId("unit-down").addEventListener("click", () => moveUnit(1));
  byId("play").addEventListener("click", () => play());
  byId("quantity").addEventListener("input", () => { setBound(); showAlike(); });
  for (const id of ["side", "threshold"]) byId(id).addEventListener("input", showAlike);
  document.addEventListener("keydown", onKey);
  window.addEventListener("hashchange", () => change(readAddress()));
  new ResizeObserver(() => shown && showStrips()).observe(byId("strips"));
  const repaint = (paper) => { paintMaps(paper); for (const map of maps) markMap(map, choice); };
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => repaint(false));
  window.addEventListener("beforeprint", () => repaint(true));  // the style sheet is still that of the screen
  window.addEventListener("afterprint", () => repaint(false));
  listenToStrips();
}

// Among the half of the units with the longer memory the one whose hidden state varies most.
function liveliest(h) {
  const spread = (unit) => {
    const course = h.filter((_, k) => k % shape.units === unit);
    return Math.max(...course) - Math.min(...course);
  };
  const remembering = orderOf(0).slice(0, Math.ceil(shape.units / 2));
  return remembering.reduce((best, unit) => (spread(unit) > spread(best) ? unit : best));
}

async function start() {
  choice.step = shape.steps - 1;
  choice.unit = liveliest((await windowAt(shape.first)).layers[0].h);
  byId("explorer-body").hidden = false;
  byId("layer-field").hidden = shape.layers === 1;
  byId("quantity").append(...shape.parts.map((part) => make("option",
    { value: part.key, "data-signed": part.signed ? "yes" : "no", selected: part.key === shape.states[0].key }, part.title)));
  maps = shape.parts.map((part) => makeMap(part, (unit, step) => change({ unit, step, range: null }), hover));
  byId("maps").append(...maps.map((map) => map.figure));
  hover();
  await change(readAddress());
  setBound();
  await showAlike();
  listen();
  byId("explorer").dataset.ready = "yes";
}

start().catch((error) => {
  byId("explorer-body").hidden = true;
  byId("explorer-failed").hidden = false;
  byId("explorer-failed").append(` (${error.message})`);
});

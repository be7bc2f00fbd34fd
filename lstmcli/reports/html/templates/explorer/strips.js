// The series with its forecast, and below it the gates and states of one unit, step by step.

const SERIES = 190, STRIP = 44, GAP = 6, BELOW = 20;

// Places in pixels: of values along the page, of the steps that read them.
function frame(shape, window, width) {
  const narrow = width < 520, left = narrow ? 46 : 104, right = narrow ? 52 : 62;
  const length = window.values.length, ahead = Math.min(window.median.length, length);
  const each = (width - left - right) / (length + ahead);
  const first = shape.steps - window.steps;  // steps before the start of a short history are not drawn
  const at = (place) => left + each * place;
  const edge = (step) => at((first + step) * shape.segment);
  const stepAt = (x) => Math.min(Math.max(Math.floor((x - left) / each / shape.segment) - first, 0), window.steps - 1);
  return { width, narrow, left, right: width - right, length, ahead, at, edge, stepAt };
}

// A line through points, broken where a value is not known; from: place of the first.
function course(values, from, at, up) {
  let text = "", pen = "M";
  values.forEach((value, k) => {
    if (value === null) pen = "M";
    else { text += `${pen}${at(from + k + 0.5).toFixed(1)} ${up(value).toFixed(1)}`; pen = "L"; }
  });
  return text + (text && !text.includes("L") ? "h1" : "");
}

function drawSeries(window, place, step) {
  const { at, edge, length, ahead } = place, cut = (values) => values.slice(0, ahead);
  const known = [window.values, window.actual, window.low, window.median, window.high].flat().filter((v) => v !== null);
  const flat = Math.min(...known) === Math.max(...known) ? 1 : 0;
  const low = Math.min(...known) - flat, high = Math.max(...known) + flat;
  const up = (value) => 8 + (SERIES - 16) * (high - value) / (high - low);
  const parts = [draw("rect", { x: edge(step), y: 0, width: edge(step + 1) - edge(step), height: SERIES, class: "chosen" })];
  for (const tick of ticks(low, high)) {
    parts.push(line(`M${place.left} ${up(tick)}H${place.right}`, "grid"),
      word(place.left - 6, up(tick) + 4, short(tick), { class: "tick", "text-anchor": "end" }));
  }
  const band = cut(window.low).flatMap((v, k) => (v === null ? [] : [k]));
  if (band.length) {
    const point = (values) => (k) => `${at(length + k + 0.5).toFixed(1)} ${up(values[k]).toFixed(1)}`;
    const edges = [...band.map(point(window.high)), ...band.reverse().map(point(window.low))];
    parts.push(line(`M${edges.join("L")}Z`, "interval"));
  }
  parts.push(line(`M${at(length)} 0V${SERIES}`, "now"), line(course(window.values, 0, at, up), "values"),
    line(course(cut(window.actual), length, at, up), "values"),
    line(course(cut(window.median), length, at, up), "forecast"));
  return parts;
}

// One strip: a bar for every step, from zero on.
function drawStrip(part, values, place, top, step) {
  const most = part.signed ? (part.bound || Math.max(...values.map(Math.abs)) || 1) : 1;
  const zero = part.signed ? top + STRIP / 2 : top + STRIP;
  const tall = part.signed ? STRIP / 2 : STRIP;
  const inset = place.edge(1) - place.edge(0) > 6 ? 1 : 0;
  const d = values.map((value, k) => `M${(place.edge(k) + inset).toFixed(1)} ${zero}V${(zero - tall * value / most).toFixed(2)}`
    + `H${(place.edge(k + 1) - inset).toFixed(1)}V${zero}Z`).join("");
  const end = part.signed ? `±${digits(most).replace(/\.?0+$/, "")}` : "0 to 1";
  return [
    draw("rect", { x: place.edge(0), y: top, width: place.edge(values.length) - place.edge(0), height: STRIP, class: "back" }),
    line(d, `fill ${part.name.replace(" ", "-")}`), line(`M${place.edge(0)} ${zero}H${place.edge(values.length)}`, "zero"),
    word(place.left - 6, top + (place.narrow ? 27 : 20), place.narrow ? part.letter : `${part.name} ${part.letter}`,
      { class: "name", "text-anchor": "end" }),
    place.narrow ? undefined : word(place.left - 6, top + 35, end, { class: "tick", "text-anchor": "end" }),
    word(place.width - 2, top + 27, digits(values[step]), { class: "number", "text-anchor": "end", "data-of": part.key }),
  ].filter(Boolean);
}

function drawStrips(shape, window, layer, choice, width) {
  const place = frame(shape, window, width), parts = shape.parts;
  const tall = SERIES + BELOW + parts.length * (STRIP + GAP) + GAP;
  const first = SERIES + BELOW, drawn = drawSeries(window, place, choice.step);
  const times = [[place.left, window.times[0], "start"], [place.at(place.length), window.times.at(-1), "middle"],
    [place.right, window.aheadTimes[place.ahead - 1], "end"]]
    .filter(([x], k) => k !== 1 || (place.right - x > 190 && x - place.left > 190));
  for (const [x, text, anchor] of times) drawn.push(word(x, SERIES + 14, text, { class: "tick", "text-anchor": anchor }));
  parts.forEach((part, k) => {
    const values = Array.from({ length: window.steps }, (_, s) => layer[part.key][s * shape.units + choice.unit]);
    drawn.push(...drawStrip(part, values, place, first + k * (STRIP + GAP), choice.step));
  });
  if (window.padded) {
    drawn.push(draw("rect", { x: place.edge(0), y: 0, width: place.edge(window.padded) - place.edge(0), height: tall, class: "padding" }),
      word(place.edge(0) + 4, 14, "padding", { class: "tick" }));
  }
  const across = (from, to, look) => draw("rect", { x: place.edge(from), y: first - 2, height: tall - first,
    width: place.edge(to + 1) - place.edge(from), class: look });
  if (choice.range) drawn.push(across(...choice.range, "brushed"));
  drawn.push(across(choice.step, choice.step, "cursor"));
  const svg = draw("svg", { viewBox: `0 0 ${width} ${tall}`, class: "strips", role: "img",
    "aria-label": `Series, forecast, and gates and states of unit ${choice.unit + 1} over ${many(window.steps, "step")}` }, ...drawn);
  return { svg, place };
}

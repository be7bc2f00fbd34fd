// Which units, and which other windows, behave alike over a range of steps (the idea of LSTMVis, Strobelt
// et al. 2018): units whose number is beyond a threshold at every step of the range.

// Whether a unit is beyond the threshold at every step from..to. condition: key, above, threshold.
function holds(layer, units, unit, from, to, condition) {
  for (let step = from; step <= to; step += 1) {
    const value = layer[condition.key][step * units + unit];
    if (condition.above ? value < condition.threshold : value > condition.threshold) return false;
  }
  return true;
}

function unitsAlike(layer, units, range, condition) {
  return Array.from({ length: units }, (_, unit) => unit).filter((unit) => holds(layer, units, unit, ...range, condition));
}

// Where as many of these units as can be, and as few others, are beyond it over as many steps.
// windows: those of the page, unpacked; own: what was picked. The same time of the same series is left out.
function windowsAlike(windows, shape, own, found, condition) {
  const wanted = new Set(found), long = own.range[1] - own.range[0] + 1, places = [];
  windows.forEach((window, number) => {
    for (let from = 0; from + long <= window.steps; from += 1) {
      if (sameTime(windows[own.window], own.range[0], window, from, long, shape)) continue;
      const there = unitsAlike(window.layers[own.layer], shape.units, [from, from + long - 1], condition);
      const both = there.filter((unit) => wanted.has(unit)).length;
      places.push({ number, from, to: from + long - 1, both, score: both / (wanted.size + there.length - both || 1) });
    }
  });
  return distinct(places.filter((place) => place.both).sort((a, b) => b.score - a.score), windows, shape, long);
}

const startOf = (window, step, shape) => window.origin - (window.steps - step) * shape.segment;

function sameTime(window, step, other, from, long, shape) {
  return window.series === other.series
    && Math.abs(startOf(window, step, shape) - startOf(other, from, shape)) < long * shape.segment;
}

// The best six places, none at the time of another.
function distinct(places, windows, shape, long) {
  const kept = [];
  for (const place of places) {
    const again = kept.some((k) => sameTime(windows[k.number], k.from, windows[place.number], place.from, long, shape));
    if (!again) kept.push(place);
    if (kept.length === 6) break;
  }
  return kept;
}

// The values of a place with some before and after, as a line the size of a word.
function spark(window, place, shape) {
  const first = shape.steps - window.steps, from = (first + place.from) * shape.segment;
  const to = (first + place.to + 1) * shape.segment, beside = Math.max(to - from, 12);
  const begin = Math.max(from - beside, 0), shown = window.values.slice(begin, to + beside);
  const known = shown.filter((v) => v !== null), low = Math.min(...known), room = Math.max(...known) - low || 1;
  const at = (k) => 120 * k / shown.length, up = (v) => 27 - 24 * (v - low) / room;
  return draw("svg", { viewBox: "0 0 120 30", class: "word", "aria-hidden": "true" },
    draw("rect", { x: at(from - begin), y: 0, width: at(to - from), height: 30, class: "brushed" }),
    line(course(shown, 0, at, up), "values"));
}

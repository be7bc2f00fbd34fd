// All units over all steps as heat maps: one for each gate and state, the units sorted by memory.

// The colours of the maps as the page has them now, or on paper, from the lowest number to the highest.
function mapColours(paper) {
  const style = getComputedStyle(byId("explorer"));
  const read = (name) => style.getPropertyValue(name).trim().split(/\s*,\s*/).map((colour) =>
    colour.slice(1).match(/../g).map((two) => parseInt(two, 16)));
  return { signed: read(paper ? "--signed-on-paper" : "--signed"), unsigned: read("--unsigned") };
}

// The colour at a share of the way, 0 to 1, along some colours.
function colourAt(colours, share) {
  const place = Math.min(Math.max(share, 0), 1) * (colours.length - 1), k = Math.min(Math.floor(place), colours.length - 2);
  return colours[k].map((from, part) => from + (place - k) * (colours[k + 1][part] - from));
}

// Where colours are full: 1 for what cannot be more, else where one number in a hundred is beyond.
function fullAt(part, values) {
  if (part.bound || !part.signed) return 1;
  const sizes = Float64Array.from(values, Math.abs).sort();
  return sizes[Math.floor(sizes.length * 0.99)] || 1;
}

function paint(canvas, part, values, shape, steps, order, colours) {
  const image = new ImageData(steps, shape.units), full = fullAt(part, values);
  order.forEach((unit, row) => {
    for (let step = 0; step < steps; step += 1) {
      const share = values[step * shape.units + unit] / full;
      const colour = part.signed ? colourAt(colours.signed, (1 + share) / 2) : colourAt(colours.unsigned, share);
      image.data.set([...colour, 255], 4 * (row * steps + step));
    }
  });
  canvas.width = steps;
  canvas.height = shape.units;
  canvas.getContext("2d").putImageData(image, 0, 0);
  return full;
}

// One map with its marks; `pick` and `hover` are called with unit and step.
function makeMap(part, pick, hover) {
  const canvas = make("canvas", { role: "img", "aria-label": `${part.title} of all units at all steps` });
  const row = make("i", { class: "row" }), column = make("i", { class: "column" });
  const low = make("small"), high = make("small"), inside = make("div", { class: "inside" }, canvas, row, column);
  const figure = make("figure", { class: "map" }, make("figcaption", {}, make("b", { class: part.look }, part.title),
    make("span", { class: "scale" }, low, make("i", { class: part.signed ? "signed" : "unsigned" }), high)), inside);
  const map = { part, canvas, row, column, low, high, figure };
  const at = (event) => {
    const size = canvas.getBoundingClientRect();
    const share = (place, total) => Math.min(Math.max(Math.floor(place * total), 0), total - 1);
    return [map.order[share((event.clientY - size.top) / size.height, map.order.length)],
      share((event.clientX - size.left) / size.width, map.steps)];
  };
  inside.addEventListener("click", (event) => pick(...at(event)));
  inside.addEventListener("pointermove", (event) => hover(...at(event)));
  inside.addEventListener("pointerleave", () => hover());
  return map;
}

function paintMap(map, shape, window, layer, order, colours) {
  Object.assign(map, { order, steps: window.steps });
  const full = paint(map.canvas, map.part, layer[map.part.key], shape, window.steps, order, colours);
  const tall = byId("maps").clientWidth < 520 ? 280 : 400;  // pixels, near which each unit has as many as all others
  map.canvas.style.height = `${shape.units * Math.max(1, Math.round(tall / shape.units))}px`;
  map.low.textContent = map.part.signed ? `−${Number(full.toPrecision(2))}` : "0";
  map.high.textContent = `${Number(full.toPrecision(2))}`;
}

function markMap(map, choice) {
  const row = map.order.indexOf(choice.unit);
  map.row.style.top = `${100 * row / map.order.length}%`;
  map.row.style.height = `${100 / map.order.length}%`;
  const [from, to] = choice.range || [choice.step, choice.step];
  map.column.style.left = `${100 * from / map.steps}%`;
  map.column.style.width = `${100 * (to - from + 1) / map.steps}%`;
}

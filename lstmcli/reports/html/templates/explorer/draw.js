// Parts of the page and of drawings. Text is always set as text, never as markup.

const SVG = "http://www.w3.org/2000/svg";
const byId = (id) => document.getElementById(id);

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== false) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== undefined));
  return node;
}
const make = (name, attributes = {}, ...children) => fill(document.createElement(name), attributes, children);
const draw = (name, attributes = {}, ...children) =>
  fill(document.createElementNS(SVG, name), attributes, children);
const word = (x, y, text, attributes = {}) => draw("text", { x, y, ...attributes }, text);
const line = (d, look) => draw("path", { d, class: look });

const RAISED = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };

// Four significant digits.
function digits(value) {
  if (value === 0) return "0";
  const small = Math.abs(value) < 1e-3;
  const [figure, power] = (small ? value.toExponential(3) : value.toPrecision(4)).split("e");
  const raised = power ? "·10" + [...power.replace("+", "")].map((sign) => RAISED[sign]).join("") : "";
  return figure.replace("-", "−") + raised;
}

// A whole number of thousandths, with three decimals.
const thousandths = (count) => (count / 1000).toFixed(3).replace("-", "−");

// A negative number stands in parentheses where it is a factor.
const factor = (value) => (value < 0 ? `(${digits(value)})` : digits(value));

// A value of the data: with marks between thousands, and no more digits than it was given with.
const amount = (value) => value === null ? "not known"
  : value.toLocaleString("en", { maximumSignificantDigits: 6 }).replace("-", "−");

// The same for a tick: 2.5M for 2,500,000.
const short = (value) => (Math.abs(value) < 1e5 ? amount(value)
  : value.toLocaleString("en", { notation: "compact", maximumSignificantDigits: 4 }).replace("-", "−"));

// Two to four round numbers between low and high.
function ticks(low, high) {
  const rough = (high - low) / 3 || 1, power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= rough);
  const found = [];
  for (let k = Math.ceil(low / step); k * step <= high; k += 1) found.push(Number((k * step).toPrecision(12)));
  return found;
}
const many = (count, name) => `${count} ${name}${count === 1 ? "" : "s"}`;

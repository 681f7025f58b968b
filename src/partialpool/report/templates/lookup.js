// Draws the effects of one gene in all lines, or of one line, from the numbers in the page.
const data = JSON.parse(document.getElementById("lookup-data").textContent);
const place = document.getElementById("lookup-figure");
const said = document.getElementById("lookup-said");
const input = document.getElementById("lookup-name");
const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
const effects = new Int16Array(bytes(data.effects).buffer);
const below = bytes(data.below);
const above = bytes(data.above);
const states = ["not called", "dependency", "not measured", "control gene"];
// More lines than ROWS are drawn side by side. FIRST are listed in addition, and of a line's genes.
const [ROWS, FIRST, HIGH, SIZE] = [60, 25, 19, 12];

const minus = (value) => value.toFixed(2).replace(/^-(?=0\.00$)/, "").replace("-", "\u2212");
const find = (names, wanted) => names.findIndex((name) => name.toUpperCase() === wanted);
const escaped = (text) => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);

function effect(gene, line) {
  const at = gene * data.lines.length + line;
  const mean = (effects[at] >> 2) * data.step;
  const state = states[effects[at] & 3];
  return { gene, line, mean, low: mean - below[at] * data.fine, high: mean + above[at] * data.fine, state };
}

const interval = (one) => `${minus(one.mean)} (${minus(one.low)} to ${minus(one.high)})`;
const lineName = (line) => data.lines[line] + (data.lineages[line] ? ` (${data.lineages[line]})` : "");
const title = (one, name) => `<title>${escaped(name)}: ${interval(one)}, ${one.state}</title>`;
const link = (name, inner) => `<a href="#lookup=${encodeURIComponent(name)}">${inner}</a>`;

function axis(items, length) {
  let low = Math.min(0, -data.delta, ...items.map((one) => one.low));
  let high = Math.max(0, ...items.map((one) => one.high));
  const step = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50].find((each) => (high - low) / each <= length / 60);
  low -= 0.02 * (high - low);
  high += 0.02 * (high - low);
  const ticks = [];
  for (let k = Math.ceil(low / step); k * step <= high; k++) ticks.push(k * step);
  const label = (value) => minus(value).replace(/0$/, "").replace(/\.0$/, "");
  return { at: (value) => ((value - low) / (high - low)) * length, ticks, label };
}

// A row for each item, with its name.
function rows(items, name, width, band) {
  const longest = Math.max(...items.map((one) => name(one).length));
  const left = Math.min(0.45 * width, 0.65 * SIZE * longest + 14);
  const most = Math.floor((left - 12) / (0.65 * SIZE));
  const short = (text) => (text.length > most ? `${text.slice(0, most - 1)}\u2026` : text);
  const x = axis(items, width - left - 8);
  const bottom = HIGH * items.length;
  const at = (value) => (left + x.at(value)).toFixed(1);
  const upright = (value, kind) => `<line class="${kind}" x1="${at(value)}" x2="${at(value)}" y1="0" y2="${bottom}"/>`;
  const drawn = items.map((one, i) => {
    const y = HIGH * (i + 0.5);
    const key = name(one);
    const text = `<text x="${left - 8}" y="${y + 4}" text-anchor="end">${escaped(short(key))}</text>`;
    return `<g class="${one.state}">${title(one, key)}<rect x="0" y="${y - HIGH / 2}" width="${width}" height="${HIGH}"/>`
      + link(one.key, text)
      + `<line x1="${at(one.low)}" x2="${at(one.high)}" y1="${y}" y2="${y}"/><circle cx="${at(one.mean)}" cy="${y}" r="4"/></g>`;
  });
  const shade = band ? `<rect class="band" x="${at(band[0])}" y="0" width="${at(band[1]) - at(band[0])}" height="${bottom}"/>` : "";
  const labels = x.ticks.map((v) => `<text class="tick" x="${at(v)}" y="${bottom + 16}" text-anchor="middle">${x.label(v)}</text>`);
  return svg(width, bottom + 24, "", shade + x.ticks.map((v) => upright(v, "grid")).join("") + upright(0, "zero")
    + upright(-data.delta, "limit") + drawn.join("") + labels.join(""));
}

// Many items side by side, in order.
function columns(items, name, width) {
  const [left, height] = [40, 230];
  const y = axis(items, height);
  const at = (value) => (height - y.at(value)).toFixed(1);
  const each = (width - left - 6) / items.length;
  const across = (value, kind) => `<line class="${kind}" x1="${left}" x2="${width}" y1="${at(value)}" y2="${at(value)}"/>`;
  const drawn = items.map((one, i) => {
    const x = (left + each * (i + 0.5)).toFixed(1);
    return `<g class="${one.state}">${title(one, name(one))}<rect x="${x - each / 2}" y="0" width="${each}" height="${height}"/>`
      + `<line x1="${x}" x2="${x}" y1="${at(one.low)}" y2="${at(one.high)}"/><circle cx="${x}" cy="${at(one.mean)}" r="2"/></g>`;
  });
  const labels = y.ticks.map((v) => `<text class="tick" x="${left - 6}" y="${Number(at(v)) + 4}" text-anchor="end">${y.label(v)}</text>`);
  return svg(width, height + 8, `--bar: ${Math.min(2, 0.7 * each)}`, y.ticks.map((v) => across(v, "grid")).join("") + across(0, "zero")
    + across(-data.delta, "limit") + drawn.join("") + labels.join(""));
}

const svg = (width, height, style, inner) =>
  `<svg width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" style="${style}">${inner}</svg>`;

function show(wanted) {
  const [gene, line] = [find(data.genes, wanted), find(data.lines, wanted)];
  if (gene < 0 && line < 0) {
    place.replaceChildren();
    delete place.dataset.shown;
    said.textContent = data.genes.length < data.n_genes
      ? `${wanted} is not among the ${data.genes.length} genes of this page, or not in the screen.`
      : `No gene or line of this screen is called ${wanted}.`;
    return;
  }
  const width = Math.min(place.clientWidth || 760, 860);
  const others = gene < 0 ? data.genes : data.lines;
  const all = others.map((key, i) => ({ ...(gene < 0 ? effect(i, line) : effect(gene, i)), key }));
  all.sort((a, b) => a.mean - b.mean);
  const n = all.filter((one) => one.state === "dependency").length;
  const name = gene < 0 ? (one) => one.key : (one) => lineName(one.line);
  if (gene < 0) {
    const scored = all.filter((one) => ["dependency", "not called"].includes(one.state));
    const special = scored.filter((one) => data.classes[one.gene] !== "common essential");
    const common = special.length ? scored.length - special.length : 0;
    said.textContent = `${lineName(line)}: ${n} of ${scored.length} genes are dependencies.`
      + ` The strongest effects${common ? `, without ${common} common-essential genes` : ""}:`;
    place.innerHTML = rows((special.length ? special : all).slice(0, FIRST), name, width, [data.low[line], data.high[line]]);
  } else {
    const known = all.filter((one) => one.state !== "not measured").length;
    said.textContent = all[0].state === "control gene"
      ? `${data.genes[gene]} sets the scale of the effects, so it is not called.`
      : `${data.genes[gene]} (${data.classes[gene]}): ${n} of ${known} lines are called dependent.`;
    const many = all.length > ROWS;
    place.innerHTML = many
      ? `${columns(all, name, width)}<p class="small">All lines, ordered by effect. The ${FIRST} strongest:</p>${rows(all.slice(0, FIRST), name, width)}`
      : rows(all, name, width);
  }
  place.dataset.shown = gene < 0 ? data.lines[line] : data.genes[gene];
}

const named = () => {
  const wanted = decodeURIComponent(location.hash.match(/^#lookup=(.*)/)?.[1] ?? "");
  if (!wanted) return;
  show(wanted.toUpperCase());
  input.value = place.dataset.shown ?? wanted;
  document.getElementById("lookup").scrollIntoView();
};
const options = (names, labels) => names.map((name, i) => new Option(labels[i], name));
document.getElementById("lookup-names").append(...options(data.genes, data.classes), ...options(data.lines, data.lineages));
const typed = () => input.value.trim().toUpperCase();
const isKnown = (name) => find(data.genes, name) >= 0 || find(data.lines, name) >= 0;
input.addEventListener("input", () => { if (isKnown(typed())) show(typed()); });
document.getElementById("lookup-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const near = [...data.genes, ...data.lines].find((name) => name.toUpperCase().startsWith(typed()));
  show(isKnown(typed()) || !near ? typed() : near.toUpperCase());
});
addEventListener("hashchange", named);
addEventListener("resize", () => { if (place.dataset.shown) show(place.dataset.shown.toUpperCase()); });
show(input.value.toUpperCase());
named();

// A table becomes sortable, searchable and downloadable when it comes into view.
const address = document.getElementById("datatables").textContent.trim();
const { default: DataTable } = await import(address);

// Formats numbers as text() in tables.py does.
const minus = (text) => (/[1-9]/.test(text) ? text.replaceAll("-", "\u2212") : text.replace(/^-/, ""));
const plain = (value, digits) =>
  value.toLocaleString("en-US", { maximumSignificantDigits: digits });
const power = (value, digits) => {
  const [mantissa, exponent] = value.toExponential(digits - 1).split("e");
  return `${Number(mantissa)}e${Number(exponent)}`;
};
const isFar = (size) => size !== 0 && (size < 1e-4 || size >= 1e7);
const escaped = DataTable.render.text().display;
const looks = {
  number: (value, digits) => minus(value.toFixed(digits)),
  general: (value, digits) => minus((isFar(Math.abs(value)) ? power : plain)(value, digits)),
  count: (value) => minus(Math.round(value).toLocaleString("en-US")),
  share: (value) => `${(100 * value).toFixed(1)}\u00a0%`,
  flag: (value) => `<span class="verdict ${value}">${value}</span>`,
  text: (value) => escaped(value),
};

function column({ title, kind, digits, hint }) {
  const render = (value, type) => {
    if (value === null) return type === "display" ? "" : value;
    return type === "display" ? looks[kind](value, digits) : value;
  };
  return { title, className: kind, render, orderSequence: ["asc", "desc"], hint };
}

function enliven(box) {
  const content = JSON.parse(box.querySelector("script").textContent);
  const columns = content.columns.map(column);
  const many = content.rows.length > 12;
  const buttons = [{
    extend: "csvHtml5", text: "CSV", title: null, filename: content.name,
    exportOptions: { orthogonal: "export" },
  }];
  const table = box.querySelector("table");
  table.querySelector("tbody").replaceChildren();
  new DataTable(table, {
    data: content.rows, columns, order: [], deferRender: true, autoWidth: false,
    paging: many, pageLength: 10, lengthMenu: [10, 25, 100],
    layout: {
      topStart: "search", topEnd: { buttons },
      bottomStart: many ? "info" : null, bottomEnd: many ? "paging" : null,
    },
    language: { search: "", searchPlaceholder: "Search", info: "_START_\u2013_END_ of _TOTAL_",
      infoEmpty: "none", infoFiltered: "(of _MAX_)" },
  });
  box.querySelector(".beginning")?.remove();
  box.dataset.ready = "true";
}

const seen = new IntersectionObserver((entries) => {
  for (const entry of entries.filter((each) => each.isIntersecting)) {
    seen.unobserve(entry.target);
    enliven(entry.target);
  }
}, { rootMargin: "0px 0px 400px 0px" });
document.querySelectorAll("div.table").forEach((box) => seen.observe(box));

for (const frame of document.querySelectorAll(".frame")) {
  const toggle = () => frame.classList.toggle("large");
  frame.addEventListener("click", toggle);
  frame.addEventListener("keydown", (event) => {
    if (event.key === "Enter") toggle();
  });
}
for (const button of document.querySelectorAll(".open-all")) {
  button.addEventListener("click", () => {
    document.querySelectorAll("details").forEach((each) => { each.open = true; });
  });
}

// A link to something in closed parts opens these parts.
const reveal = () => {
  const target = location.hash && document.getElementById(location.hash.slice(1));
  for (let each = target; each; each = each.parentElement) if (each.tagName === "DETAILS") each.open = true;
  if (target) target.scrollIntoView();
};
addEventListener("hashchange", reveal);
reveal();

// The plots, drawn by Vega: bars by year, a career as a timeline, the network. Expressions are interpreted, so that the
// content security policy need not allow eval.
"use strict";
(() => {
  const { word, root } = window.rollcall, drawn = new Map();
  const html = document.documentElement, colour = (name) => getComputedStyle(html).getPropertyValue("--" + name).trim();
  function config() {
    const ink = colour("ink"), faint = colour("faint");
    return {
      background: colour("paper"), font: "system-ui, sans-serif", view: { stroke: null },
      axis: { labelColor: ink, titleColor: faint, domainColor: faint, tickColor: faint, gridColor: colour("line"), labelFontSize: 12, titleFontSize: 12, titleFontWeight: "normal" },
      legend: { labelColor: ink, titleColor: faint, labelFontSize: 12, orient: "top", title: null },
    };
  }
  const LITE = "https://vega.github.io/schema/vega-lite/v6.json", VEGA = "https://vega.github.io/schema/vega/v6.json"; // names of versions, never asked for
  const scheme = () => ({ domain: [word("affiliations"), word("reports")], range: [colour("bar"), colour("other")] });

  function bars(rows, name, width) {
    // A few stray years must not squeeze the others: the axis begins where a hundredth of all has passed.
    const total = rows.reduce((sum, r) => sum + r[1], 0), last = rows[rows.length - 1][0];
    let first = rows[0][0], early = 0;
    if (last - first > 120) for (const [y, n] of rows) { if (early + n > total / 100) { first = y; break; } early += n; }
    const before = rows.filter((r) => r[0] < first).reduce((sum, r) => sum + r[1], 0), most = Math.max(...rows.map((r) => r[1]));
    return {
      $schema: LITE, data: { values: rows.filter((r) => r[0] >= first).map(([year, n, href]) => ({ year, end: year + 1, n, href, told: year + ": " + n })) },
      width: width - 4, height: 170, autosize: { type: "fit-x", contains: "padding" }, mark: { type: "bar", color: colour("bar"), binSpacing: last - first < 200 ? 1 : 0, minBandSize: 1 },
      encoding: {
        x: { field: "year", bin: { binned: true }, type: "quantitative", scale: { domain: [first, last + 1], nice: false }, axis: { format: "d", title: before ? word("earlier").replace("{n}", before).replace("{year}", first) : null, grid: false, tickMinStep: 1, tickCount: Math.max(3, Math.round(width / 70)), labelOverlap: true } }, x2: { field: "end" },
        y: { field: "n", type: "quantitative", axis: { title: null, tickCount: Math.min(4, most), format: most < 1000 ? "d" : "~s" } },
        tooltip: { field: "told" }, href: { field: "href" }, description: { field: "told" },
      },
      config: config(),
    };
  }

  function timeline({ rows, lines }, name, width) {
    const shown = rows.map(([year, what, said, title, href, n]) => ({ year, kind: word(what), label: what === "reports" ? word("reports") : said, told: year + ": " + said + " (" + title + ")" + (n > 1 ? " +" + (n - 1) : ""), href }));
    const begun = new Map();
    for (const v of shown) begun.set(v.label, Math.min(begun.get(v.label) ?? 9999, v.year));
    const labels = [...begun.keys()].sort((a, b) => begun.get(a) - begun.get(b));
    const years = shown.map((v) => v.year), low = Math.min(...years), high = Math.max(...years);
    const y = { field: "label", type: "nominal", sort: labels, axis: { title: null, labelLimit: Math.max(90, width * 0.4), grid: true, ticks: false, domain: false, offset: 8 } };
    const x = (field) => ({ field, type: "quantitative", scale: { domain: high - low < 4 ? [low - 2, high + 2] : [low, high], nice: false }, axis: { format: "d", title: lines > labels.length ? word("lines").replace("{n}", labels.length).replace("{all}", lines) : null, grid: false, tickMinStep: 1, labelOverlap: true } });
    return {
      $schema: LITE, data: { values: shown }, width: width - 4, height: 24 * labels.length, autosize: { type: "fit-x", contains: "padding" },
      layer: [
        { transform: [{ aggregate: [{ op: "min", field: "year", as: "from" }, { op: "max", field: "year", as: "to" }], groupby: ["label", "kind"] }], mark: { type: "rule", strokeWidth: 3, opacity: 0.35, aria: false }, encoding: { y, x: x("from"), x2: { field: "to" }, color: { field: "kind", scale: scheme(), legend: null } } },
        { mark: { type: "point", filled: true, size: 90, opacity: 0.9 }, encoding: { y, x: x("year"), color: { field: "kind", type: "nominal", scale: scheme(), legend: null }, tooltip: { field: "told" }, href: { field: "href" }, description: { field: "told" } } },
      ],
      config: config(),
    };
  }

  function network({ nodes, ties }, name, width) {
    const height = Math.round(Math.min(640, Math.max(420, width * 0.62)));
    const weight = nodes.map(() => 0);
    for (const [a, b, n] of ties) { weight[a] += n; weight[b] += n; }
    // The layout fills the picture; names need room at its sides.
    const at = (axis, size, rim) => `(datum.${axis} - (r${axis}[0] + r${axis}[1]) / 2) * k * (${size} - ${rim}) / max(1, r${axis}[1] - r${axis}[0]) + ${size} / 2 + d${axis}`;
    const rim = width > 700 ? 300 : 120, toScreen = [{ type: "formula", as: "sx", expr: at("x", "width", rim) }, { type: "formula", as: "sy", expr: at("y", "height", 50) }];
    return {
      $schema: VEGA, width: width - 4, height, padding: 2, autosize: "none",
      signals: [
        { name: "k", value: 1, on: [{ events: { type: "wheel", consume: true, filter: ["event.ctrlKey"] }, update: "clamp(k * pow(1.0015, -event.deltaY), 0.5, 12)" }] },
        { name: "from", value: null, on: [{ events: "pointerdown", update: "[x(), y(), dx, dy]" }, { events: "window:pointerup", update: "null" }] },
        { name: "dx", value: 0, on: [{ events: "window:pointermove", update: "from ? from[2] + x() - from[0] : dx" }] },
        { name: "dy", value: 0, on: [{ events: "window:pointermove", update: "from ? from[3] + y() - from[1] : dy" }] },
      ],
      data: [
        { name: "ties", values: ties.map(([source, target, n]) => ({ source, target, one: source, two: target, n })) },
        { name: "placed", values: nodes.map(([said, kind, href], i) => ({ id: i, middle: (width - 4) / 2, centre: height / 2, said, kind, href, size: 40 + 26 * Math.sqrt(weight[i]) })), transform: [
          { type: "force", static: true, iterations: 400, forces: [{ force: "center", x: (width - 4) / 2, y: height / 2 }, { force: "nbody", strength: -90, distanceMax: 260 }, { force: "x", x: "middle", strength: 0.05 }, { force: "y", y: "centre", strength: 0.1 }, { force: "collide", radius: 17 }, { force: "link", links: "ties", distance: 46 }] },
          { type: "extent", field: "x", signal: "rx" }, { type: "extent", field: "y", signal: "ry" }] },
        { name: "nodes", source: "placed", transform: toScreen },
        { name: "lines", source: "ties", transform: [
          { type: "lookup", from: "nodes", key: "id", fields: ["one", "two"], values: ["sx", "sy"], as: ["x1", "y1", "x2", "y2"] }] },
      ],
      scales: [
        { name: "colour", type: "ordinal", domain: [word("person"), word("institution")], range: [colour("bar"), colour("other")] },
        { name: "shape", type: "ordinal", domain: [word("person"), word("institution")], range: ["circle", "square"] },
      ],
      legends: [{ fill: "colour", shape: "shape", orient: "none", direction: "horizontal", legendX: 0, legendY: 0, symbolSize: 70, symbolStrokeWidth: 0 }],
      marks: [
        { type: "rule", from: { data: "lines" }, aria: false, encode: { update: { x: { field: "x1" }, y: { field: "y1" }, x2: { field: "x2" }, y2: { field: "y2" }, stroke: { value: colour("faint") }, strokeOpacity: { value: 0.5 }, strokeWidth: { signal: "1 + log(datum.n)" } } } },
        { type: "symbol", name: "dots", from: { data: "nodes" }, encode: { update: { x: { field: "sx" }, y: { field: "sy" }, size: { field: "size" }, fill: [{ test: "datum.kind === 'p'", value: colour("bar") }, { value: colour("other") }], shape: [{ test: "datum.kind === 'p'", value: "circle" }, { value: "square" }], stroke: { value: colour("paper") }, tooltip: { field: "said" }, href: { field: "href" }, description: { field: "said" }, cursor: { value: "pointer" } } } },
        { type: "text", from: { data: "dots" }, aria: false, interactive: false, encode: { update: { text: { signal: "truncate(datum.datum.said, 34)" }, fill: { value: colour("ink") }, fontSize: { value: 11.5 }, font: { value: "system-ui, sans-serif" } } },
          transform: [{ type: "label", size: { signal: "[width, height]" }, avoidMarks: ["dots"], anchor: ["right", "left", "top", "bottom"], offset: [3], padding: 0 }] },
      ],
      config: config(),
    };
  }

  const KINDS = { bars, timeline, network };
  const OPTIONS = { ast: true, actions: false, renderer: "svg", logLevel: 1, loader: { target: "_self" } };
  const spec = (figure) => KINDS[figure.dataset.kind](JSON.parse(figure.dataset.values), figure.dataset.plot, figure.querySelector(".plot").clientWidth || 640);
  async function draw(figure) {
    const before = drawn.get(figure), dark = getComputedStyle(html).colorScheme === "dark";
    const made = await window.vegaEmbed(figure.querySelector(".plot"), spec(figure), OPTIONS);
    if (before) before.finalize();
    drawn.set(figure, made); figure.dataset.drawn = "yes";
    figure.toggleAttribute("data-dark", dark); // printed the other way round
  }
  async function onPaper(figure) { // the plot as it is seen, in the colours of paper whatever the screen
    const theme = html.dataset.theme; html.dataset.theme = "light";
    const light = spec(figure);
    if (theme) html.dataset.theme = theme; else delete html.dataset.theme;
    const { view } = await window.vegaEmbed(document.createElement("div"), light, OPTIONS);
    const seen = drawn.get(figure).view;
    if (figure.dataset.kind === "network") await ["k", "dx", "dy"].reduce((v, name) => v.signal(name, seen.signal(name)), view).runAsync();
    return view;
  }
  function save(url, name) { const a = document.createElement("a"); a.href = url; a.download = name; a.click(); }
  for (const figure of document.querySelectorAll("figure[data-plot]")) {
    const name = figure.dataset.plot;
    for (const button of figure.querySelectorAll("[data-save]")) button.addEventListener("click", async () => {
      const view = await onPaper(figure);
      if (button.dataset.save === "svg") save(URL.createObjectURL(new Blob([await view.toSVG()], { type: "image/svg+xml" })), name + ".svg");
      else save(await view.toImageURL("png", 3), name + ".png");
      view.finalize();
    });
    for (const button of figure.querySelectorAll("[data-zoom]")) button.addEventListener("click", () => {
      const view = drawn.get(figure).view, by = +button.dataset.zoom;
      view.signal("k", by ? Math.min(12, Math.max(0.5, view.signal("k") * by)) : 1);
      if (!by) view.signal("dx", 0).signal("dy", 0);
      view.run();
    });
  }
  const all = () => { if (window.vegaEmbed) for (const figure of document.querySelectorAll("figure[data-plot]")) draw(figure); };
  document.addEventListener("rollcall-changed", all);
  // Vega is large: it is read when everything else can already be used.
  const vega = () => { const s = document.createElement("script"); s.src = root + "assets/vega.js"; s.onload = all; document.head.append(s); };
  if (document.readyState === "complete") vega(); else addEventListener("load", vega);
})();

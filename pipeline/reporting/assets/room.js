// The reading room's script: interface language, colour scheme, search, highlighting, saving of plots. No request leaves the folder.
"use strict";
(() => {
  const $ = (id) => document.getElementById(id), root = document.body.dataset.root, html = document.documentElement;
  const kept = { get(k) { try { return localStorage.getItem("rollcall-" + k); } catch { return null; } }, set(k, v) { try { localStorage.setItem("rollcall-" + k, v); } catch { /* private mode */ } } };
  const words = window.ROLLCALL_WORDS;
  let language = kept.get("interface") || html.lang;
  function speak(to) {
    language = words[to] ? to : "en"; html.lang = language; $("interface").value = language;
    for (const e of document.querySelectorAll("[data-t]")) e.textContent = words[language][e.dataset.t];
  }
  $("interface").addEventListener("change", (e) => { kept.set("interface", e.target.value); speak(e.target.value); look(); });
  function paint(theme) { if (theme) html.dataset.theme = theme; }
  paint(kept.get("theme"));
  $("theme").addEventListener("click", () => {
    const now = html.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
    const next = now === "dark" ? "light" : "dark"; paint(next); kept.set("theme", next);
  });

  // Search: the index is read when it is first wanted. The key is made as in the linking, so that scripts meet.
  let loading = false;
  function key(text) {
    const k = window.ROLLCALL_KEY;
    let plain = [...text.normalize("NFKC").toLowerCase()].map((c) => k.letters[c] ?? c).join("").normalize("NFD").replace(/[^a-z0-9]/g, ""), before;
    do { before = plain; for (const [from, to] of k.folds) plain = plain.replace(from, to); } while (before !== plain);
    return plain;
  }
  window.rollcallKey = key;
  function want() {
    if (window.ROLLCALL_INDEX) return true;
    if (!loading) { loading = true; const s = document.createElement("script"); s.src = root + "assets/search.js"; s.onload = () => { window.ROLLCALL_KEY.folds = window.ROLLCALL_KEY.folds.map(([a, b]) => [new RegExp(a, "g"), b]); look(); }; document.head.append(s); }
    return false;
  }
  const MOST = 60;
  function look() {
    const hits = $("hits"), asked = $("q").value.trim(), kind = $("f-kind").value, lang = $("f-language").value, from = +$("f-from").value || 0, to = +$("f-to").value || 9999;
    const filtered = kind || lang || from || to !== 9999;
    if (!asked && !filtered) { hits.replaceChildren(); $("told").textContent = ""; return; }
    if (!want()) return;
    const begun = performance.now(), parts = asked.split(/[^\p{L}\p{N}]+/u).map(key).filter(Boolean).map((k) => " " + k);
    let count = 0; const list = [];
    if (parts.length || filtered) for (const row of window.ROLLCALL_INDEX) {
      if (kind && row[0] !== kind) continue;
      if (lang && !row[6].split(" ").includes(lang)) continue;
      if (from && !(row[5] && row[5] >= from)) continue;
      if (to !== 9999 && !(row[4] && row[4] <= to)) continue;
      if (!parts.every((p) => row[3].includes(p))) continue;
      if (++count <= MOST) {
        const li = document.createElement("li"), a = document.createElement("a"), small = document.createElement("small");
        a.href = root + row[1]; a.textContent = row[2];
        small.textContent = " " + words[language][{ d: "document", p: "person", i: "institution", r: "report" }[row[0]]] + (row[4] ? " " + row[4] + (row[5] !== row[4] ? "–" + row[5] : "") : "");
        li.append(a, small); list.push(li);
      }
    }
    hits.replaceChildren(...list); $("told").textContent = count + " " + words[language].found;
    $("search").dataset.ms = (performance.now() - begun).toFixed(1);
  }
  for (const id of ["q", "f-kind", "f-from", "f-to", "f-language"]) $(id).addEventListener("input", look);
  $("q").addEventListener("focus", want, { once: true });
  document.addEventListener("keydown", (e) => { if (e.key === "/" && !/INPUT|SELECT|TEXTAREA/.test(document.activeElement.tagName)) { e.preventDefault(); $("q").focus(); } });

  for (const row of document.querySelectorAll("[data-lights]")) {
    const spans = row.dataset.lights.split(" ").map((id) => id && $(id)).filter(Boolean);
    const light = (on) => () => { for (const s of spans) s.classList.toggle("lit", on); };
    row.addEventListener("mouseenter", light(true)); row.addEventListener("mouseleave", light(false));
    row.addEventListener("focusin", light(true)); row.addEventListener("focusout", light(false));
  }

  function standalone(svg) {
    const copy = svg.cloneNode(true), from = [svg, ...svg.querySelectorAll("*")], to = [copy, ...copy.querySelectorAll("*")];
    from.forEach((e, i) => { const s = getComputedStyle(e); for (const p of ["fill", "stroke", "stroke-width", "stroke-opacity", "font", "paint-order"]) to[i].style.setProperty(p, s.getPropertyValue(p)); });
    const [, , w, h] = svg.getAttribute("viewBox").split(" "); copy.setAttribute("width", w); copy.setAttribute("height", h);
    copy.style.background = getComputedStyle(document.body).backgroundColor;
    return new XMLSerializer().serializeToString(copy);
  }
  function save(href, name) { const a = document.createElement("a"); a.href = href; a.download = name; a.click(); }
  for (const button of document.querySelectorAll("[data-save]")) button.addEventListener("click", () => {
    const figure = button.closest("figure"), svg = figure.querySelector("svg"), url = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(standalone(svg)), name = figure.dataset.plot;
    if (button.dataset.save === "svg") return save(url, name + ".svg");
    const image = new Image();
    image.onload = () => { const c = document.createElement("canvas"); c.width = image.width * 2; c.height = image.height * 2; c.getContext("2d").drawImage(image, 0, 0, c.width, c.height); save(c.toDataURL("image/png"), name + ".png"); };
    image.src = url;
  });
  speak(language);
})();

// The reading room's script: interface language, colour scheme, search, highlighting. No request leaves the folder.
"use strict";
(() => {
  const $ = (id) => document.getElementById(id), root = document.body.dataset.root, html = document.documentElement;
  const kept = { get(k) { try { return localStorage.getItem("rollcall-" + k); } catch { return null; } }, set(k, v) { try { localStorage.setItem("rollcall-" + k, v); } catch { /* private mode */ } } };
  const words = window.ROLLCALL_WORDS;
  let language = kept.get("interface") || html.lang;
  const word = (name) => words[language][name] ?? name;
  function languageName(code) { // not every browser can name every language in Kazakh
    const own = word("in_" + code);
    if (own !== "in_" + code) return own;
    try { return new Intl.DisplayNames([language], { type: "language" }).of(code); } catch { return code; }
  }
  function speak(to) {
    language = words[to] ? to : "en"; html.lang = language; $("interface").value = language;
    for (const e of document.querySelectorAll("[data-t]")) e.textContent = word(e.dataset.t);
    for (const e of document.querySelectorAll("[data-label]")) { e.setAttribute("aria-label", word(e.dataset.label)); if (e.placeholder) e.placeholder = word(e.dataset.label); }
    for (const e of document.querySelectorAll("[data-language]")) e.textContent = languageName(e.dataset.language);
    for (const o of $("f-language").options) if (o.value && !o.dataset.t) o.textContent = languageName(o.value);
    document.dispatchEvent(new Event("rollcall-changed"));
  }
  for (const o of $("f-language").options) if (!o.dataset.t) o.value = o.textContent;
  window.rollcall = { word, root };
  $("interface").addEventListener("change", (e) => { kept.set("interface", e.target.value); speak(e.target.value); look(); });
  if (kept.get("theme")) html.dataset.theme = kept.get("theme");
  const changed = () => document.dispatchEvent(new Event("rollcall-changed"));
  $("theme").addEventListener("click", () => {
    const now = html.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
    html.dataset.theme = now === "dark" ? "light" : "dark"; kept.set("theme", html.dataset.theme); changed();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", changed);

  // Search. Keys are made as in the linking, so that scripts meet; files of the index are read when they are wanted.
  const files = {};
  function load(file, name) {
    return files[file] ??= new Promise((done) => {
      const s = document.createElement("script"); s.src = root + "search/" + file + ".js";
      s.onload = () => done(window[name]); s.onerror = () => done(null); document.head.append(s);
    });
  }
  const begin = () => files.ready ??= load("search", "ROLLCALL_SEARCH").then((about) => {
    about.key.folds = about.key.folds.map(([a, b]) => [new RegExp(a, "g"), b]); return about;
  });
  function key(text, rules) {
    let plain = [...text.normalize("NFKC").toLowerCase()].map((c) => rules.letters[c] ?? c).join("").normalize("NFD").replace(/[^a-z0-9]/g, ""), before;
    do { before = plain; for (const [from, to] of rules.folds) plain = plain.replace(from, to); } while (before !== plain);
    return plain;
  }
  window.rollcallKey = async (text) => key(text, (await begin()).key);
  async function rowsOf(part, about) { // the rows that hold a word beginning with this key
    const shards = about.shards.filter((s) => part.length > 1 ? s === part.slice(0, 2) : s.startsWith(part)), found = new Set();
    for (const words of await Promise.all(shards.map((s) => load("keys-" + s, "ROLLCALL_KEYS_" + s))))
      for (const k in words) if (k.startsWith(part)) { let at = 0; for (const step of words[k]) found.add(at += step); }
    return found;
  }
  const FIRST = 10; // so many hits are shown as soon as they are there, the others after them
  let latest = 0;
  async function look() {
    const turn = ++latest, hits = $("hits"), asked = $("q").value.trim(), kind = $("f-kind").value, lang = $("f-language").value, from = +$("f-from").value || 0, to = +$("f-to").value || 9999;
    const filtered = kind || lang || from || to !== 9999;
    $("search").classList.toggle("used", Boolean(asked || filtered));
    if (!asked && !filtered) { hits.replaceChildren(); $("told").textContent = ""; return; }
    const about = await begin(), meta = filtered ? await load("meta", "ROLLCALL_META") : null;
    const begun = performance.now(), parts = [...new Set(asked.split(/[^\p{L}\p{N}]+/u).map((w) => key(w, about.key)).filter(Boolean))];
    const letter = !meta && parts.length === 1 && parts[0].length === 1 ? about.letters[parts[0]] ?? [0, []] : null;
    const sets = letter ? [new Set(letter[1])] : (await Promise.all(parts.map((p) => rowsOf(p, about)))).sort((a, b) => a.size - b.size);
    if (turn !== latest) return;
    let rows = sets.length ? [...sets[0]].filter((r) => sets.every((s) => s.has(r))) : asked || !meta ? [] : [...meta.kinds].map((_, i) => i);
    if (meta) {
      const bit = lang === "-" ? 0 : lang && 2 ** about.languages.indexOf(lang);
      rows = rows.filter((r) => (!kind || meta.kinds[r] === kind) && (!lang || (bit ? Math.floor(meta.spoken[r] / bit) % 2 === 1 : !meta.spoken[r]))
        && (!from || (meta.last[r] && meta.last[r] >= from)) && (to === 9999 || (meta.first[r] && meta.first[r] <= to)));
    }
    if (sets.length) rows = Uint32Array.from(rows).sort();
    const rowsAt = (r) => load("rows-" + Math.floor(r / about.rows), "ROLLCALL_ROWS_" + Math.floor(r / about.rows));
    const hitsOf = async (some) => (await Promise.all(Array.from(some, rowsAt))).map((file, i) => {
      const [of, page, name, first, last] = file[some[i] % about.rows], li = document.createElement("li"), a = document.createElement("a"), small = document.createElement("small");
      a.href = root + page; a.textContent = name;
      small.textContent = " " + word({ d: "document", p: "person", i: "institution", r: "role", t: "report" }[of]) + (first ? " " + first + (last !== first ? "–" + last : "") : "");
      li.append(a, small); return li;
    });
    const best = await hitsOf(rows.slice(0, FIRST)), total = letter ? letter[0] : rows.length;
    if (turn !== latest) return;
    hits.replaceChildren(...best); $("told").textContent = word("found") + ": " + total + (total > about.shown ? " (" + word("shown") + " " + about.shown + ")" : "");
    $("search").dataset.ms = (performance.now() - begun).toFixed(1);
    const others = await hitsOf(rows.slice(FIRST, about.shown));
    if (turn === latest) hits.append(...others);
  }
  for (const id of ["q", "f-kind", "f-from", "f-to", "f-language"]) $(id).addEventListener("input", look);
  $("q").addEventListener("focus", begin, { once: true });
  $("search").addEventListener("keydown", (e) => {
    const all = [$("q"), ...$("hits").querySelectorAll("a")], at = all.indexOf(document.activeElement), step = { ArrowDown: 1, ArrowUp: -1 }[e.key];
    if (step && at >= 0 && all[at + step]) { e.preventDefault(); all[at + step].focus(); }
    if (e.key === "Escape") { $("q").value = ""; $("q").focus(); look(); }
  });
  document.addEventListener("keydown", (e) => { if (e.key === "/" && !/INPUT|SELECT|TEXTAREA/.test(document.activeElement.tagName)) { e.preventDefault(); $("q").focus(); } });
  function asked() { // a link such as #find?kind=t&from=1998 asks for what it says
    if (!location.hash.startsWith("#find?")) return;
    const wanted = new URLSearchParams(location.hash.slice(6));
    $("q").value = wanted.get("q") ?? "";
    for (const name of ["kind", "from", "to", "language"]) $("f-" + name).value = wanted.get(name) ?? "";
    look(); $("search").scrollIntoView(); $("q").focus();
  }
  window.addEventListener("hashchange", asked);

  // Pointing at a row, or reaching it, lights its spans; pointing at a span lights its rows.
  for (const row of document.querySelectorAll("tr[data-lights]")) {
    const spans = row.dataset.lights.split(" ").map((id) => id && $(id)).filter(Boolean);
    const light = (on, move) => () => {
      for (const s of spans) s.classList.toggle("lit", on);
      if (on && move && spans.length) spans[0].scrollIntoView({ block: "nearest" });
    };
    row.addEventListener("mouseenter", light(true)); row.addEventListener("mouseleave", light(false));
    row.addEventListener("focusin", light(true, true)); row.addEventListener("focusout", light(false));
    for (const s of spans) for (const [event, on] of [["mouseenter", true], ["mouseleave", false], ["focus", true], ["blur", false]]) s.addEventListener(event, () => row.classList.toggle("lit", on));
  }
  speak(language); asked();
})();

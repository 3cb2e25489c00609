// The desk: shows what waits, takes decisions by keyboard or mouse, and sends each at once. All text goes in as text.
"use strict";
(() => {
  const $ = (id) => document.getElementById(id), told = JSON.parse($("told").textContent), html = document.documentElement;
  const kept = { get(k) { try { return localStorage.getItem("rollcall-" + k); } catch { return null; } }, set(k, v) { try { localStorage.setItem("rollcall-" + k, v); } catch { /* private mode */ } } };
  let language = kept.get("interface") || told.interface;
  const word = (name) => told.words[language][name] ?? name;
  if (kept.get("theme")) html.dataset.theme = kept.get("theme");
  $("theme").addEventListener("click", () => {
    const now = html.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
    html.dataset.theme = now === "dark" ? "light" : "dark"; kept.set("theme", html.dataset.theme);
  });
  $("interface").addEventListener("change", (e) => { kept.set("interface", e.target.value); speak(e.target.value); });

  function make(tag, options = {}, ...children) {
    const { on = {}, data = {}, ...rest } = options, e = document.createElement(tag);
    for (const [name, value] of Object.entries(rest)) if (value !== undefined && value !== false) { if (name in e && name !== "list") e[name] = value; else e.setAttribute(name, value); }
    for (const [name, value] of Object.entries(data)) e.dataset[name] = value;
    for (const [name, run] of Object.entries(on)) e.addEventListener(name, run);
    e.append(...children.filter((c) => c !== null && c !== undefined));
    return e;
  }
  const key = (name) => make("kbd", {}, name);
  const button = (name, shortcut, run, main = false) => make("button", { type: "button", className: main ? "main" : "", on: { click: run }, data: { act: name } }, word(name), " ", shortcut ? key(shortcut) : null);

  async function ask(path, sent) {
    const answer = await fetch(path, sent ? { method: "POST", headers: { "content-type": "application/json", "x-rollcall-desk": told.token }, body: JSON.stringify(sent) } : {}).catch(() => null);
    if (!answer) throw new Error(word("closed"));
    const got = await answer.json().catch(() => ({ error: word("closed") }));
    if (!answer.ok) throw new Error(got.error);
    return got;
  }
  const say = (text) => { $("said").textContent = text; $("trouble").textContent = ""; };
  let turn = Promise.resolve(); // what is asked for happens in its order, however fast the keys
  function attempt(run) { turn = turn.then(run).catch((error) => { $("trouble").textContent = error.message; }); return turn; }

  // A row: its fields may be changed here before they are sent; the text is an array of code points.
  let item = null, fields = {}, active = "", added = "", reason = "", letters = [], busy = false, path = [], done = []; // `done`: the rows that were decided here
  const NAMES = { affiliations: ["person", "role", "institution"], affiliation: ["person", "role", "institution"], reports: ["title", "person"], report: ["title", "person"] };
  const LABEL = { person: "PERSON", role: "ROLE", institution: "INSTITUTION", title: "REPORT" };
  const names = () => NAMES[added || item.kind];
  const textAt = (at) => at ? letters.slice(at[0] - item.start, at[1] - item.start).join("").replace(/\s+/g, " ") : "";
  const changed = () => added || names().some((n) => String(fields[n]) !== String(item.fields[n]));
  function waits() { // whether a change was begun that would be lost
    const begun = item && item.kind !== "pair" && changed();
    if (begun) { say(""); $("trouble").textContent = word("unsaved"); }
    return begun;
  }
  const spot = { get() { try { const [token, number] = sessionStorage.getItem("rollcall-desk").split(" "); return token === told.token ? +number : 0; } catch { return 0; } }, set(number) { try { sessionStorage.setItem("rollcall-desk", told.token + " " + number); } catch { /* private mode */ } } };
  const VERDICT = { right: "accept", wrong: "reject", same: "same", different: "different", preferred: "preferred", "not-an-entity": "no_entity" };
  const spoken = (said) => said.replace(/(^| )(right|wrong|same|different|preferred|not-an-entity)(?= \(|: | |$)/, (_, space, v) => space + word(VERDICT[v]).toLowerCase()).replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, (when) => new Date(when).toLocaleString(language));

  let decided = null; // by whom, and how much, as it was last told
  const tellDecided = () => { if (decided) $("progress").textContent = word("decided_by").replace("{who}", decided.who).replace("{n}", decided.decided); };
  async function show(number, exact = false) {
    const got = await ask("/item?number=" + number + (exact ? "&exact=1" : ""));
    decided = got; tellDecided();
    if (got.outdated) $("trouble").textContent = word("outdated");
    item = got.kind ? got : null; added = ""; active = ""; reason = "";
    if (item) spot.set(item.number);
    if (item && item.kind !== "pair") { letters = [...item.text]; fields = { ...item.fields }; }
    if (location.hash === "#people" && $("name")) return; // who went on to the people meanwhile loses nothing typed there
    draw();
    $("content").focus({ preventScroll: true });
  }
  function draw() {
    if (location.hash === "#people") return drawPeople();
    if (!item) return $("content").replaceChildren(make("h1", {}, word("all_done")), make("p", {}, word("all_done_more")), make("p", {}, button("from_start", "", () => attempt(() => show(0)))));
    if (item.kind === "pair") return drawPair();
    const main = make("div", { className: "desk" }, make("section", {}, make("h1", {}, item.title || item.document), make("p", { className: "about" }, [item.document, item.date, item.language].filter(Boolean).join(" · ")), drawText()), make("section", { className: "asked" }, ...drawAsked()));
    $("content").replaceChildren(main);
    const raw = document.querySelector(".raw"), seen = raw.querySelector(".now") || raw.querySelector(".lit");
    if (seen) raw.scrollTop += seen.getBoundingClientRect().top - raw.getBoundingClientRect().top - raw.clientHeight / 3;
  }
  function drawText() {
    const raw = make("div", { className: "raw", lang: item.language, tabIndex: 0, role: "region", "aria-label": word("text"), on: { mouseup: picked } }), marks = new Set([item.start, item.start + letters.length]);
    const lit = names().map((n) => [n, fields[n]]).filter(([, at]) => at);
    for (const m of item.mentions) { marks.add(m.start); marks.add(m.end); }
    for (const [, at] of lit) { marks.add(at[0]); marks.add(at[1]); }
    const cuts = [...marks].filter((c) => c >= item.start && c <= item.start + letters.length).sort((a, b) => a - b);
    if (item.cut[0]) raw.append("… ");
    let place = raw, lights = "";
    for (let i = 0; i + 1 < cuts.length; i++) {
      const [a, b] = [cuts[i], cuts[i + 1]], m = item.mentions.find((x) => x.start <= a && x.end >= b), in_ = lit.filter(([, at]) => at[0] <= a && at[1] >= b);
      const of = in_.map(([n]) => n).join(" ");
      if (of !== lights) { // what is lit together has one outline
        place = of ? make("span", { className: in_.some(([n]) => n === active) ? "lit now" : "lit" }) : raw;
        if (of) raw.append(place);
        lights = of;
      }
      place.append(make(m ? "mark" : "span", { className: m ? m.label : "", title: m ? word(m.label.toLowerCase()) : "", data: { start: a } , on: m ? { click: () => take(m) } : {} }, letters.slice(a - item.start, b - item.start).join("")));
    }
    if (item.cut[1]) raw.append(" …");
    return raw;
  }
  function drawAsked() {
    const asked = [make("h2", {}, word(added ? "new_row" : item.kind === "reports" ? "is_report" : "is_role"))];
    if (!added) {
      const sure = make("i"); sure.style.width = Math.round(100 * item.confidence) + "%";
      asked.push(make("p", { className: "about" }, word("confidence") + " " + item.confidence.toFixed(2)), make("div", { className: "meter", "aria-hidden": "true" }, sure));
    }
    if (item.decided.length) asked.push(make("p", { className: "note" }, word("decided_already") + ": " + item.decided.map(spoken).join("; ")));
    names().forEach((n, i) => asked.push(make("button", { type: "button", className: "field" + (added || String(fields[n]) === String(item.fields[n]) ? "" : " changed"), "aria-pressed": String(n === active), on: { click: () => activate(n) }, data: { field: n } }, key(i + 1), make("span", { className: "what" }, word(n === "title" ? "report" : n)), make("b", {}, textAt(fields[n]) || "—"), make("span", { className: LABEL[n] }, "\u00a0\u00a0"))));
    if (active) asked.push(drawEdit());
    const acts = make("div", { className: "acts decide" });
    if (changed()) acts.append(button("save", "Enter", save, true), button("cancel", "Esc", cancel));
    else acts.append(button("accept", "A", () => decide({ action: "right" }), true), button("reject", "X", () => decide({ action: "wrong" })));
    acts.append(button("skip", "S", () => skip(1)), button("back", "B", () => skip(-1)));
    asked.push(acts, make("label", { className: "about" }, word("why"), why()));
    asked.push(make("div", { className: "acts" }, button("new_role_row", "N", () => start("affiliation")), button("new_report_row", "R", () => start("report")), button(item.whole ? "whole_done" : "whole", "W", () => decide({ action: "document" }))));
    return asked;
  }
  const why = () => make("input", { className: "why", id: "why", maxLength: 500, value: reason, on: { input: (e) => { reason = e.target.value; }, keydown: (e) => { if (/^(Enter|Escape)$/.test(e.key)) { e.preventDefault(); e.stopPropagation(); $("content").focus(); } } } });
  function drawEdit() {
    const label = LABEL[active], like = item.mentions.filter((m) => m.label === label), at = fields[active];
    const list = make("select", { size: Math.min(6, Math.max(2, like.length)), id: "choices", on: { change: (e) => { const m = like[+e.target.value]; place([m.start, m.end], "choices"); } } }, ...like.map((m, i) => make("option", { value: i, selected: Boolean(at && m.start === at[0] && m.end === at[1]) }, textAt([m.start, m.end]))));
    const find = make("input", { id: "find", type: "text", autocomplete: "off", on: { change: (e) => search(e.target.value) } });
    const step = (name, shortcut, edge, by) => button(name, shortcut, () => nudge(edge, by));
    return make("div", { className: "edit" }, make("label", {}, word("choose"), list), make("label", {}, word("find_words"), find),
      at ? make("div", { className: "acts" }, step("begin_left", "Alt ←", 0, -1), step("begin_right", "Alt →", 0, 1), step("end_left", "Shift ←", 1, -1), step("end_right", "Shift →", 1, 1)) : "",
      make("div", { className: "acts" }, at && ["institution", "person"].includes(active) && !(active === "person" && names()[0] === "person") ? button("nobody_here", "0", () => place(null)) : "", at ? button("no_name", "D", () => decide({ action: "name", verdict: "wrong", label, at })) : ""));
  }
  function activate(n) { active = active === n ? "" : n; draw(); if (active) $("choices")?.focus(); }
  function place(at, focus) { fields[active] = at; draw(); if (focus) $(focus)?.focus(); }
  function take(m) { if (active && getSelection().isCollapsed && m.label === LABEL[active]) place([m.start, m.end]); }
  function start(kind) { if (waits()) return; added = kind; fields = {}; active = ""; activate(NAMES[kind][0]); }
  function cancel() { say(""); if (added || changed()) { added = ""; active = ""; fields = { ...item.fields }; } else active = ""; draw(); }

  const isWord = (c) => /[\p{L}\p{N}'’-]/u.test(c);
  function nudge(edge, by) { // move an edge over a word or a mark, and over the white space before it
    const at = fields[active]; if (!at) return;
    let p = at[edge] - item.start;
    const next = () => by > 0 ? letters[p] : letters[p - 1];
    while (next() !== undefined && /\s/.test(next())) p += by;
    if (next() !== undefined) { const run = isWord(next()); do p += by; while (run && next() !== undefined && isWord(next())); }
    let moved = [...at]; moved[edge] = p + item.start;
    while (moved[0] < moved[1] && /\s/.test(letters[moved[0] - item.start])) moved[0]++;
    while (moved[0] < moved[1] && /\s/.test(letters[moved[1] - 1 - item.start])) moved[1]--;
    if (moved[0] < moved[1]) { place(moved); say(textAt(moved)); }
  }
  function search(text) { // the words of the text that are nearest to the row
    const wanted = [...text.trim().toLowerCase()]; if (!wanted.length) return;
    const lower = letters.map((c) => c.toLowerCase()), near = (fields[active] ?? Object.values(fields).find(Boolean) ?? [item.start])[0] - item.start;
    let best = -1;
    for (let i = 0; i + wanted.length <= lower.length; i++) if (wanted.every((c, j) => lower[i + j] === c || (/\s/.test(c) && /\s/.test(lower[i + j]))) && (best < 0 || Math.abs(i - near) < Math.abs(best - near))) best = i;
    if (best < 0) { $("trouble").textContent = word("not_in_text"); return; }
    say(""); place([best + item.start, best + wanted.length + item.start]);
  }
  function offset(node, at) {
    const piece = (node.nodeType === 3 ? node.parentElement : node).closest("[data-start]");
    return piece ? +piece.dataset.start + (node.nodeType === 3 ? [...node.data.slice(0, at)].length : at ? [...piece.textContent].length : 0) : null;
  }
  function picked() { // what was selected with the mouse becomes the active field
    const chosen = getSelection();
    if (!active || chosen.isCollapsed) return;
    const range = chosen.getRangeAt(0); let a = offset(range.startContainer, range.startOffset), b = offset(range.endContainer, range.endOffset);
    if (a === null || b === null) return;
    while (a < b && /\s/.test(letters[a - item.start])) a++;
    while (a < b && /\s/.test(letters[b - 1 - item.start])) b--;
    chosen.removeAllRanges(); if (a < b) place([a, b]);
  }

  async function decide(sent) {
    if (busy || !item || (!["add", "change"].includes(sent.action) && waits())) return;
    busy = true;
    await attempt(async () => {
      await ask("/decide", { number: item.number, why: reason, ...sent });
      added = ""; fields = { ...item.fields }; // nothing waits to be saved any more
      path.push(item.number); done.push(item.number); say("");
      const stays = sent.action === "name" || sent.action === "add" || sent.action === "document";
      try { await show(item.number, stays); } finally { $("said").textContent = word("saved"); } // the next row is there when this is read
    });
    busy = false;
  }
  function save() {
    const lacking = names().find((n) => !fields[n] && n !== "institution" && !(n === "person" && names()[0] === "title"));
    if (changed() && lacking) $("trouble").textContent = word("lacking").replace("{part}", word(lacking === "title" ? "report" : lacking));
    else if (changed()) decide(added ? { action: "add", kind: added, fields } : { action: "change", fields });
  }
  function skip(by) { if (item && !waits()) attempt(() => !item ? null : by > 0 ? (path.push(item.number), show(item.number + 1)) : show(path.pop() ?? Math.max(0, item.number - 1), true)); }
  const undo = () => waits() || attempt(async () => { const got = await ask("/undo", {}); if (got.said) await show(done.pop() ?? item?.number ?? 0, true); say(got.said ? word("undone") + ": " + spoken(got.said) : word("nothing_to_undo")); });
  $("undo").addEventListener("click", undo);

  // Two people who may be one, and people as a whole.
  function card(e) {
    return make("section", {}, make("h2", {}, e.name), make("p", { className: "about" }, [e.id, e.dates, word("mentions") + ": " + e.mentions].filter(Boolean).join(" · ")), make("ul", { className: "seen" }, ...e.roles.map((r) => make("li", {}, r))), make("ol", { className: "seen" }, ...e.seen.map((s) => make("li", {}, make("small", {}, s.date || s.place), make("br"), s.text[0], make("mark", { className: e.label }, s.text[1]), s.text[2]))));
  }
  function drawPair() {
    const rest = item.decided.length ? [make("p", { className: "note" }, word("decided_already") + ": " + item.decided.map(spoken).join("; "))] : [make("div", { className: "two" }, card(item.one), card(item.other))];
    $("content").replaceChildren(make("h1", {}, word("one_person")), make("p", { className: "about" }, item.evidence.split(", ").map(word).join(", ")), make("div", { className: "acts" }, button("same", "A", () => decide({ action: "same" }), true), button("different", "X", () => decide({ action: "different" })), button("skip", "S", () => skip(1)), button("back", "B", () => skip(-1))), make("label", { className: "about" }, word("why"), why()), ...rest);
  }
  let chosen = [], latest = 0; // `latest`: the answer to what was typed last is shown, whichever comes last
  function drawPeople() {
    const hits = make("div", { className: "found" }), shown = make("div", {});
    const open = (id) => attempt(async () => { chosen = [id, ...chosen.filter((c) => c !== id)].slice(0, 2); shown.replaceChildren(...await opened()); shown.querySelector("h2").focus(); });
    const hit = (g) => make("button", { type: "button", data: { id: g.id }, on: { click: () => open(g.id) } }, g.name + " ", make("small", {}, g.id + " · " + g.mentions));
    const find = (typed, its = ++latest) => attempt(async () => {
      if (its !== latest) return; // more was typed while this waited for its turn
      const got = await ask("/find?name=" + encodeURIComponent(typed)), ids = got.map((g) => g.id), now = [...hits.children], at = now.indexOf(document.activeElement);
      if (its !== latest || String(ids) === String(now.map((b) => b.dataset.id))) return;
      hits.replaceChildren(...got.map(hit));
      if (at >= 0) (hits.children[ids.indexOf(now[at].dataset.id)] ?? name).focus(); // whoever went on by keyboard is not thrown back to the start of the page
    });
    const name = make("input", { id: "name", type: "search", autocomplete: "off", on: { input: (e) => find(e.target.value) } });
    $("content").replaceChildren(make("h1", {}, word("people_desk")), make("p", { className: "about" }, word("people_help")), make("label", { className: "about" }, word("name"), name), make("div", { className: "two" }, hits, shown));
    name.focus();
    async function opened() {
      const judge = (verdict, one, other) => attempt(async () => { const made = await ask("/judge", { verdict, one, other, why: "" }); done.push(item?.number); say(word("saved") + ": " + spoken(made.said)); });
      const [e] = [await ask("/entity?id=" + encodeURIComponent(chosen[0]))], second = chosen[1];
      const boxes = e.seen.map((s) => make("input", { type: "checkbox", value: s.place, "aria-label": s.text.join("") }));
      const split = () => {
        const ticked = boxes.filter((b) => b.checked).map((b) => b.value), rest = boxes.filter((b) => !b.checked).map((b) => b.value), of = (place) => place.slice(0, place.lastIndexOf(":"));
        for (const one of ticked) { const other = rest.find((r) => of(r) !== of(one)); if (other) judge("different", one, other); else $("trouble").textContent = word("split_help"); }
      };
      const preferred = make("input", { value: e.name, "aria-label": word("preferred") });
      return [make("h2", { tabIndex: -1 }, e.name), make("p", { className: "about" }, e.id + " · " + e.dates),
        make("div", { className: "acts" }, second ? make("button", { type: "button", className: "main", data: { act: "merge" }, on: { click: () => judge("same", e.id, second) } }, word("same_as") + " " + second) : null, button("no_entity", "", () => judge("not-an-entity", e.id, ""))),
        make("div", { className: "acts" }, preferred, button("preferred", "", () => judge("preferred", e.id, preferred.value.trim()))),
        make("p", { className: "about" }, word("split_help")), make("ol", { className: "seen" }, ...e.seen.map((s, i) => make("li", {}, make("label", {}, boxes[i], " ", make("small", {}, s.date || s.place), " ", s.text[0], make("mark", { className: e.label }, s.text[1]), s.text[2])))), button("split", "", split)];
    }
  }

  const KEYS = { a: () => decide({ action: item.kind === "pair" ? "same" : "right" }), x: () => decide({ action: item.kind === "pair" ? "different" : "wrong" }), s: () => skip(1), b: () => skip(-1), n: () => start("affiliation"), r: () => start("report"), w: () => decide({ action: "document" }) };
  const ANYWHERE = { u: undo, p: () => { location.hash = location.hash === "#people" ? "#row" : "#people"; }, "?": () => $("help").showModal() };
  function pressed(e) { // the key by what it writes; where that is no Latin letter (Russian, Kazakh), by its place
    if (e.shiftKey || /^([a-z0-9?/]|\w{2,})$/i.test(e.key)) return e.key.toLowerCase();
    return (/^(?:Key|Digit)(\w)$/.exec(e.code)?.[1] ?? (e.code === "Slash" ? "/" : e.key)).toLowerCase();
  }
  document.addEventListener("keydown", (e) => {
    const typing = /INPUT|TEXTAREA/.test(document.activeElement.tagName) && document.activeElement.type !== "checkbox";
    if ($("help").open || e.ctrlKey || e.metaKey || (busy && !typing)) return; // a key is for the row that comes, not for the one that goes
    const row = location.hash !== "#people" && item && item.kind !== "pair" ? item : null, of = pressed(e);
    if (row) {
      if (e.key === "Escape") { e.preventDefault(); return cancel(); }
      if (e.key === "Enter" && !typing && changed() && document.activeElement.tagName !== "BUTTON") { e.preventDefault(); return save(); }
      if (!typing && active && (e.altKey || e.shiftKey) && /^Arrow(Left|Right)$/.test(e.key)) { e.preventDefault(); return nudge(e.altKey ? 0 : 1, e.key === "ArrowLeft" ? -1 : 1); }
    }
    if (typing || e.altKey) return;
    if (ANYWHERE[of]) { e.preventDefault(); return ANYWHERE[of](); }
    if (of === "/" && $("name")) { e.preventDefault(); return $("name").select(); }
    if (location.hash === "#people" || !item) return;
    if (row && /^[1-3]$/.test(of) && names()[of - 1]) { e.preventDefault(); return activate(names()[of - 1]); }
    if (row && active && of === "0" && document.querySelector("[data-act=nobody_here]")) return place(null);
    if (row && active && of === "d" && fields[active]) return decide({ action: "name", verdict: "wrong", label: LABEL[active], at: fields[active] });
    if (KEYS[of] && (row || !"nrw".includes(of))) { e.preventDefault(); KEYS[of](); }
  });
  $("help-button").addEventListener("click", () => $("help").showModal());
  window.addEventListener("beforeunload", (e) => { if (item && item.kind !== "pair" && names().length && changed()) e.preventDefault(); });
  window.addEventListener("hashchange", () => { draw(); if (location.hash !== "#people") $("content").focus(); });

  function speak(to) {
    language = told.words[to] ? to : "en"; html.lang = language; $("interface").value = language;
    for (const e of document.querySelectorAll("[data-t]")) e.textContent = word(e.dataset.t);
    for (const e of document.querySelectorAll("[data-label]")) e.setAttribute("aria-label", word(e.dataset.label));
    $("undo").replaceChildren(word("undo") + " ", key("U")); $("help-button").setAttribute("aria-label", word("keys"));
    const shown = [["A", "accept"], ["X", "reject"], ["S / B", "skip"], ["U", "undo"], ["1 2 3", "choose_field"], ["↑ ↓", "choose"], ["Alt ← →", "begin_move"], ["Shift ← →", "end_move"], ["0", "nobody_here"], ["D", "no_name"], ["Enter / Esc", "save"], ["N / R", "new_row"], ["W", "whole"], ["P", "people_desk"], ["/", "name"], ["?", "keys"]];
    $("keys").replaceChildren(...shown.flatMap(([k, w]) => [make("dt", {}, key(k)), make("dd", {}, word(w))]));
    say(""); tellDecided(); // what was said is in the language before
    if (item) draw();
  }
  speak(language);
  attempt(() => show(spot.get()));
})();

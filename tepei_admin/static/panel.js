/* Makes quicker what works without it: keys, the bar that rises, the filter as a dialog, look-ups while typing. */
(() => {
  "use strict";
  document.documentElement.classList.add("js");
  const one = (query, within = document) => within.querySelector(query);
  const all = (query, within = document) => [...within.querySelectorAll(query)];

  /* Lists: ticks and the bar */
  function bar() {
    const rise = one("[data-rise]");
    if (!rise) return;
    const form = rise.closest("form");
    const boxes = all("td.tick input", form);
    const head = one("[data-all]", form);
    const everything = one("[data-everything]", form);
    const count = one("[data-count]", rise);
    const unit = count.textContent.trim().slice(-1);
    let last = null;
    head.hidden = false;
    function show() {
      const ticked = boxes.filter((box) => box.checked).length;
      const whole = everything && everything.checked;
      rise.hidden = !ticked && !whole;
      count.textContent = whole ? "已选筛选结果全部" : `已选本页 ${ticked} ${unit}`;
      head.checked = ticked === boxes.length;
      head.indeterminate = ticked > 0 && ticked < boxes.length;
    }
    head.addEventListener("change", () => { boxes.forEach((box) => { box.checked = head.checked; }); show(); });
    form.addEventListener("change", (event) => { if (event.target !== head) show(); });
    form.addEventListener("click", (event) => {
      if (!event.target.matches("td.tick input")) return;
      if (event.shiftKey && last) {
        const [from, to] = [boxes.indexOf(last), boxes.indexOf(event.target)].sort((a, b) => a - b);
        boxes.slice(from, to + 1).forEach((box) => { box.checked = event.target.checked; });
        show();
      }
      last = event.target;
    });
    form.addEventListener("reset", () => setTimeout(show));
    form.addEventListener("submit", () => setTimeout(() => all("button", rise).forEach((button) => { button.disabled = true; })));
    window.addEventListener("pageshow", () => { all("button", rise).forEach((button) => { button.disabled = false; }); show(); });
    show();
  }

  /* Keys: / search, arrows and j k move, space ticks, Enter opens, Esc closes, [ ] previous and next */
  function move(step) {
    const rows = all("table.list tbody tr");
    if (!rows.length) return;
    const at = rows.findIndex((row) => row.classList.contains("at"));
    const next = Math.min(rows.length - 1, Math.max(0, at < 0 ? 0 : at + step));
    rows.forEach((row, place) => row.classList.toggle("at", place === next));
    const link = one("a", rows[next]);
    if (link) link.focus({ preventScroll: true });
    rows[next].scrollIntoView({ block: "nearest" });
  }
  function escape() {
    const open = one("details.drop[open]");
    if (open) { open.open = false; one("summary", open).focus(); return; }
    const rise = one("[data-rise]:not([hidden])");
    if (rise) rise.closest("form").reset();
    all("tr.at").forEach((row) => row.classList.remove("at"));
    if (document.activeElement) document.activeElement.blur();
  }
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (one("dialog[open]")) return;
    const typing = event.target.matches("input:not([type=checkbox]), textarea, select");
    if (event.key === "Escape") { escape(); return; }
    if (typing) return;
    const row = one("tr.at");
    const keys = {
      "/": () => { const box = one("[data-search]"); if (box) { box.focus(); box.select(); } },
      "ArrowDown": () => move(1), "j": () => move(1), "ArrowUp": () => move(-1), "k": () => move(-1),
      " ": () => { const box = row && one("td.tick input", row); if (box) box.click(); },
      "Enter": () => { const link = row && one("a", row); if (link) link.click(); },
      "]": () => { const link = one("a[rel=next]"); if (link) link.click(); },
      "[": () => { const link = one("a[rel=prev]"); if (link) link.click(); },
    };
    const inList = one("table.list");
    const forList = ["ArrowDown", "ArrowUp", "j", "k", " ", "Enter"].includes(event.key);
    if (!keys[event.key] || (forList && (!inList || (event.target.matches("button, summary, a:not(td a)"))))) return;
    if ((event.key === " " || event.key === "Enter") && !row) return;
    event.preventDefault();
    keys[event.key]();
  });

  /* A page's form as a dialog: the filter. Without scripts the link opens the page. */
  async function dialog(link) {
    const answer = await fetch(link.href, { headers: { Accept: "text/html" } });
    if (!answer.ok || answer.redirected) { location.href = link.href; return; }
    const form = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-fragment]");
    const box = document.createElement("dialog");
    box.append(form);
    document.body.append(box);
    box.addEventListener("close", () => { box.remove(); link.focus(); });
    box.addEventListener("click", (event) => { if (event.target === box || event.target.closest("[data-close]")) { event.preventDefault(); box.close(); } });
    form.addEventListener("submit", () => all("input, select", form).forEach((field) => { if (!field.value) field.disabled = true; }));
    box.showModal();
    const part = link.hash && one(link.hash, box);
    if (part) { part.scrollIntoView(); one("input", part).focus(); }
  }
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-dialog]");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0) { event.preventDefault(); dialog(link); }
    if (event.target.closest("[data-back]")) { event.preventDefault(); history.back(); }
    all("details.drop[open]").forEach((drop) => { if (!drop.contains(event.target)) drop.open = false; });
  });

  /* A foreign key's box: suggestions while typing; the server resolves what was typed in any case */
  let waiting = 0;
  document.addEventListener("input", (event) => {
    const box = event.target;
    if (!box.matches("input[data-lookup]") || !box.dataset.lookup) return;
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      const text = box.value.trim();
      const answer = text ? await fetch(`${box.dataset.lookup}?q=${encodeURIComponent(text)}`, { headers: { Accept: "application/json" } }) : null;
      if (!answer || !answer.ok) return;
      box.list.replaceChildren(...(await answer.json()).map((item) => { const option = document.createElement("option"); option.value = item.label; return option; }));
    }, 150);
  });

  /* A template's form: the first rows as they would be, while it is edited */
  function look() {
    const form = one("form[data-look]");
    if (!form) return;
    let later = 0, asked = 0;
    async function refresh() {
      const turn = ++asked;
      const words = new FormData(form);
      words.set("act", "look");
      const answer = await fetch(location.href, { method: "POST", body: words, headers: { Accept: "text/html" } });
      if (!answer.ok || answer.redirected || turn !== asked) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const part of ["[data-look-here]", "#catalogue"]) {
        const fresh = one(part, page);
        if (fresh) one(part).replaceWith(fresh);
      }
    }
    form.addEventListener("input", () => { clearTimeout(later); later = setTimeout(refresh, 350); });
    form.addEventListener("submit", () => { clearTimeout(later); asked += 1; });
  }

  /* Forms: the year switches at once; leaving with unsaved words asks; a form is sent once */
  document.addEventListener("change", (event) => { if (event.target.matches("[data-submit]")) event.target.form.submit(); });
  function forms() {
    const form = one("form[data-form]");
    if (form) {
      let dirty = false;
      form.addEventListener("input", () => { dirty = true; });
      form.addEventListener("submit", (event) => {
        if (form.dataset.sent) { event.preventDefault(); return; }
        form.dataset.sent = "1";
        dirty = false;
      });
      window.addEventListener("pageshow", () => { delete form.dataset.sent; });
      window.addEventListener("beforeunload", (event) => { if (dirty) event.preventDefault(); });
      const wrong = one(".field.wrong input, .field.wrong select, .field.wrong textarea", form);
      if (wrong) wrong.focus();
    }
    const back = one("[data-back]");
    if (back && history.length > 1) back.hidden = false;
  }

  document.addEventListener("DOMContentLoaded", () => { bar(); forms(); look(); });
})();

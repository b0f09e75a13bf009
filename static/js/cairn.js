// Everything a page does beyond links and forms. Pages work without it; this adds speed and comfort.

const root = document.documentElement;
const all = (selector, within = document) => [...within.querySelectorAll(selector)];

const remembered = {
  get(name) {
    try {
      return localStorage.getItem(name);
    } catch {
      return null;
    }
  },
  set(name, value) {
    try {
      if (value) localStorage.setItem(name, value);
      else localStorage.removeItem(name);
    } catch {
      // Storage may be blocked; the choice then lasts for this page.
    }
  },
};

// Theme: <fieldset data-theme-switch hidden> with buttons data-theme-choice="" | "light" | "dark".

function showTheme() {
  for (const button of all("[data-theme-choice]")) {
    button.setAttribute("aria-pressed", String(button.dataset.themeChoice === (root.dataset.theme ?? "")));
  }
}

function chooseTheme(theme) {
  if (theme) root.dataset.theme = theme;
  else delete root.dataset.theme;
  remembered.set("theme", theme);
  showTheme();
}

// Flashes: data-dismiss removes the nearest .flash; flash(level, text) adds one.

function flash(level, text) {
  const template = document.querySelector("#flash-template");
  if (!template) return;
  const copy = template.content.firstElementChild.cloneNode(true);
  copy.classList.add(`flash--${level}`);
  copy.querySelector(".flash__text").textContent = text;
  document.querySelector("#flashes").append(copy);
}

// Times: <time datetime data-local> is shown in the reader's zone, the source stays in its title.

const FORMATS = {
  "": { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" },
  time: { hour: "2-digit", minute: "2-digit" },
  zone: {
    ...{ day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" },
    timeZoneName: "short",
  },
};

function localise(within) {
  for (const element of all("time[data-local]", within)) {
    const at = new Date(element.dateTime);
    const format = { ...FORMATS[element.dataset.local], hourCycle: "h23" };
    if (!element.title) element.title = element.textContent.trim();
    element.textContent = new Intl.DateTimeFormat("en-GB", format).format(at);
  }
}

// Strips: the current link stands in the middle of its row. scrollIntoView would move the page as well.

function centre(link) {
  const strip = link.closest("nav");
  const away = link.getBoundingClientRect().left - strip.getBoundingClientRect().left;
  strip.scrollLeft += away - (strip.clientWidth - link.offsetWidth) / 2;
}

// Copying: a button with data-copy="id of the field".

async function copy(button) {
  const field = document.getElementById(button.dataset.copy);
  try {
    await navigator.clipboard.writeText(field.value);
    flash("success", "Copied.");
  } catch {
    field.select();
    flash("warning", "Your browser does not allow copying. The text is selected: press Ctrl or Cmd and C.");
  }
}

// Palette: a list of links in the page, filtered as one types; arrows walk through what is left.

const palette = document.querySelector("#palette");

function shownLinks() {
  return all(".palette__link", palette).filter((link) => !link.closest("li").hidden);
}

function filterPalette(text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  for (const link of all(".palette__link", palette)) {
    const name = link.textContent.toLowerCase();
    link.closest("li").hidden = !words.every((word) => name.includes(word));
    link.removeAttribute("data-first");
  }
  const links = shownLinks();
  links[0]?.setAttribute("data-first", "");
  const none = palette.querySelector(".palette__none");
  none.hidden = links.length > 0;
  palette.querySelector("[role=status]").textContent = `${links.length} found`;
}

function openPalette() {
  if (!palette || palette.open) return;
  const input = palette.querySelector("input");
  input.value = "";
  filterPalette("");
  palette.showModal();
  input.focus();
}

function walkPalette(event) {
  const links = shownLinks();
  const at = links.indexOf(document.activeElement);
  if (event.key === "ArrowDown") links[Math.min(at + 1, links.length - 1)]?.focus();
  else if (event.key === "ArrowUp") (links[at - 1] ?? palette.querySelector("input")).focus();
  else if (event.key === "Enter" && at < 0) links[0]?.click();
  else return;
  event.preventDefault();
}

// Single keys: c, e, ?, j, k. They can be switched off (WCAG 2.1.4) in the help dialog.

const keysAreOn = () => remembered.get("keys") !== "off";

function moveRow(step) {
  const rows = all("[data-row]");
  const at = rows.findIndex((row) => row.contains(document.activeElement));
  const row = rows[at < 0 ? (step > 0 ? 0 : rows.length - 1) : at + step];
  row?.querySelector("a, button")?.focus();
}

function pressed(key) {
  const row = document.activeElement.closest("[data-row]");
  const target = row?.querySelector(`[data-key="${key}"]`) ?? document.querySelector(`[data-key="${key}"]`);
  target?.click();
  return Boolean(target);
}

const KEYS = {
  "?": () => document.querySelector("#help")?.showModal(),
  j: () => moveRow(1),
  k: () => moveRow(-1),
  c: () => pressed("c"),
  e: () => pressed("e"),
};

function isTyping(target) {
  return target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]") !== null;
}

function onKey(event) {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k" && palette) {
    event.preventDefault();
    openPalette();
    return;
  }
  const isPlain = !(event.ctrlKey || event.metaKey || event.altKey);
  if (!isPlain || !keysAreOn() || isTyping(event.target) || document.querySelector("dialog[open]")) return;
  if (KEYS[event.key]) {
    event.preventDefault();
    KEYS[event.key]();
  }
}

// Forms: the pressed button turns at once, and a second press does not send twice.

function onSubmit(event) {
  const form = event.target;
  if (event.defaultPrevented || form.hasAttribute("hx-post") || form.method === "dialog") return;
  if (form.dataset.busy !== undefined) {
    event.preventDefault();
    return;
  }
  form.dataset.busy = "";
  event.submitter?.setAttribute("data-pressed", "");
}

function forgetBusy() {
  delete root.dataset.busy;
  for (const form of all("form[data-busy]")) delete form.dataset.busy;
  for (const button of all("[data-pressed]")) button.removeAttribute("data-pressed");
}

// htmx: a line at the top while a request runs; a failure is said, never swallowed.

let running = 0;

function onRequest(change) {
  running = Math.max(0, running + change);
  if (running) root.dataset.busy = "";
  else delete root.dataset.busy;
}

function onFailure(event) {
  const status = event.detail.xhr?.status;
  const why = status ? `The server answered ${status}` : "The server could not be reached";
  flash("error", `${why}. Nothing was saved. Try again, or reload the page.`);
}

function onLoad(element) {
  localise(element.parentElement ?? document);
  restoreFolds();
  for (const hidden of all("[data-needs-script]", element)) hidden.hidden = false;
  element.querySelector("[data-focus]")?.focus();
  if (palette?.contains(element)) filterPalette(palette.querySelector("input").value);
}

function onClick(event) {
  const at = (selector) => event.target.closest(selector);
  if (at("[data-dismiss]")) at(".flash").remove();
  if (at("[data-copy]")) copy(at("[data-copy]"));
  if (at("[data-palette]")) openPalette();
  if (at("[data-print]")) print();
  if (at("[data-theme-choice]")) chooseTheme(at("[data-theme-choice]").dataset.themeChoice);
  if (event.target.matches("dialog[open]")) event.target.close();
  for (const menu of all("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
}

// Folds: a link into one opens it, and one that somebody opened stays open when the page is renewed in place.

let unfolded = [];

function unfold() {
  const fold = document.getElementById(location.hash.slice(1))?.closest("details.fold");
  if (!fold || fold.open) return;
  fold.open = true;
  fold.scrollIntoView();
}

function keepFolds() {
  unfolded = all("details.fold[open]").map((fold) => fold.id);
}

function restoreFolds() {
  for (const id of unfolded) document.getElementById(id)?.setAttribute("open", "");
}

function closeMenu(event) {
  const menu = event.key === "Escape" && event.target.closest("details.menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
}

function keysSwitch() {
  const box = document.querySelector("#keys-on");
  if (!box) return;
  box.checked = keysAreOn();
  box.addEventListener("change", () => remembered.set("keys", box.checked ? "" : "off"));
}

function start() {
  for (const element of all("[data-theme-switch], [data-needs-script]")) element.hidden = false;
  showTheme();
  keysSwitch();
  localise(document);
  // On a phone the rail and the tabs are strips that scroll sideways.
  for (const link of all(".rail__link[aria-current], .tabs__link[aria-current]")) centre(link);
  document.querySelector("[data-focus]")?.focus();
  unfold();
}

document.addEventListener("click", onClick);
document.addEventListener("keydown", onKey);
document.addEventListener("keydown", closeMenu);
document.addEventListener("submit", onSubmit);
window.addEventListener("pageshow", forgetBusy);
window.addEventListener("hashchange", unfold);
document.addEventListener("htmx:beforeSwap", keepFolds);
document.addEventListener("htmx:beforeRequest", () => onRequest(1));
document.addEventListener("htmx:afterRequest", () => onRequest(-1));
document.addEventListener("htmx:responseError", onFailure);
document.addEventListener("htmx:sendError", onFailure);
document.addEventListener("htmx:load", (event) => onLoad(event.detail.elt));
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  flash("error", "The passkey was not used: the request was cancelled or your device refused it. Try again.");
});
palette?.addEventListener("keydown", walkPalette);
palette?.querySelector("input").addEventListener("input", (event) => filterPalette(event.target.value));
start();

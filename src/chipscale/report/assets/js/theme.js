"use strict";
// The page itself: theme, contents, printing, links that select a net.
const CS = {};

CS.ready = function (start) {
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
};

CS.el = function (name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (value === true) made.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
};

CS.number = function (value, decimals) {
  if (value === null || value === undefined || !isFinite(value)) return "–";
  const [whole, rest] = Math.abs(value).toFixed(decimals).split(".");
  const grouped = whole.length > 3 ? whole.replace(/\B(?=(\d{3})+$)/g, "\u202f") : whole;
  return (value < 0 && Number(value.toFixed(decimals)) !== 0 ? "\u2212" : "") + grouped + (rest ? "." + rest : "");
};

CS.niceStep = function (rough) {
  const power = Math.pow(10, Math.floor(Math.log10(rough)));
  return [1, 2, 5, 10].map((m) => m * power).find((step) => step >= rough * 0.9999);
};

CS.cssColor = function (name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
};

CS.isDark = function () {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
};

CS.themeListeners = [];

CS.startTheme = function () {
  const root = document.documentElement;
  const tell = () => CS.themeListeners.forEach((listener) => listener());
  document.getElementById("theme-toggle").addEventListener("click", () => {
    root.dataset.theme = CS.isDark() ? "light" : "dark";
    tell();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", tell);
  document.getElementById("print-button").addEventListener("click", () => window.print());
};

CS.startContents = function () {
  const links = [...document.querySelectorAll("#contents a")];
  const parts = links.map((link) => document.getElementById(link.hash.slice(1)));
  const button = document.getElementById("menu-button");
  const side = button.closest(".side");
  button.addEventListener("click", () => {
    const open = side.classList.toggle("open");
    button.setAttribute("aria-expanded", String(open));
  });
  document.getElementById("contents").addEventListener("click", (event) => {
    if (!event.target.closest("a")) return;
    side.classList.remove("open");
    button.setAttribute("aria-expanded", "false");
  });
  let waiting = false;
  const mark = () => {
    waiting = false;
    const line = Math.min(220, innerHeight / 3);
    let current = 0;
    parts.forEach((part, index) => {
      if (part.getBoundingClientRect().top <= line) current = index;
    });
    if (innerHeight + scrollY >= document.documentElement.scrollHeight - 4) current = parts.length - 1;
    links.forEach((link, index) => {
      if (index === current) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    });
  };
  addEventListener(
    "scroll",
    () => {
      if (!waiting) requestAnimationFrame(mark);
      waiting = true;
    },
    { passive: true },
  );
  mark();
};

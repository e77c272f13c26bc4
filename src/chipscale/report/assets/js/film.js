// The film: a flip-book of the cross-section after every step of the process.
CS.startFilm = function () {
  const store = document.getElementById("film-data");
  if (!store) return;
  const data = JSON.parse(store.textContent);
  const byId = (id) => document.getElementById(id);
  const player = byId("film-player");
  const slider = byId("film-slider");
  const jump = byId("film-jump");
  const stage = byId("film-stage");
  const mark = byId("film-mark");
  const panels = ["whole", "close"].map((name, index) => ({
    faces: byId(`film-${name}-faces`),
    matrices: data.matrices[index],
    axes: data.matrices[index].map((_, side) => byId(`film-${name}-axis${side}`)),
  }));
  const svg = (name, attributes, text) => {
    const made = document.createElementNS(panels[0].faces.namespaceURI, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text !== undefined) made.textContent = text;
    return made;
  };
  const legend = data.kinds.map(([words, color]) => {
    const swatch = CS.el("span", { class: "swatch", style: `background:${color}`, "aria-hidden": "true" });
    return CS.el("li", {}, swatch, words);
  });
  byId("film-legend").append(...legend);
  let now = 0;
  let timer = 0;

  const uses = (frame) => {
    const found = [];
    for (let i = 0; i < frame.f.length; i += 2) {
      found.push(svg("use", { href: `#film-${frame.f[i]}`, fill: data.kinds[frame.f[i + 1]][1] }));
    }
    if (mark.checked) {
      found.push(...frame.w.map((shape) => svg("use", { href: `#film-${shape}`, class: "went" })));
      found.push(...frame.c.map((shape) => svg("use", { href: `#film-${shape}`, class: "came" })));
    }
    return found;
  };
  const labels = (frame) => frame.l.flatMap(([target, y, layer, words]) => {
    const x = data.label_x;
    return [
      svg("path", { d: `M${x + 2} ${target}h8L${x + 24} ${y}h4`, class: "leader" }),
      svg("text", { x: x + 32, y: y - 1, class: "film" }, layer),
      svg("text", { x: x + 32, y: y + 12, class: "tick" }, words),
    ];
  });
  const told = (frame) => {
    const head = CS.el("p", { class: "film-step" }, CS.el("span", {}, `${now + 1} of ${data.frames.length}`), CS.el("b", {}, frame.label));
    const how = [frame.kind, frame.tool ? `tool: ${frame.tool}` : ""].filter(Boolean).join("; ");
    const facts = CS.el("dl", { class: "facts" });
    frame.facts.forEach(([term, value]) => facts.append(CS.el("div", {}, CS.el("dt", {}, term), CS.el("dd", {}, value))));
    const warnings = frame.warn.map((text) => CS.el("div", { class: "note doubtful" }, text));
    const changes = CS.el("ul", { class: "film-changes" }, ...frame.said.map((text) => CS.el("li", {}, text)));
    return [CS.el("div", {}, head, CS.el("p", { class: "soft" }, how), changes), CS.el("div", {}, frame.facts.length ? facts : null, ...warnings)];
  };
  const show = (index) => {
    now = Math.max(0, Math.min(data.frames.length - 1, index));
    const frame = data.frames[now];
    panels.forEach((panel) => {
      panel.faces.setAttribute("transform", panel.matrices[frame.s]);
      panel.faces.replaceChildren(...uses(frame));
      panel.axes.forEach((axis, side) => axis.setAttribute("visibility", side === frame.s ? "visible" : "hidden"));
    });
    byId("film-close-labels").replaceChildren(...labels(frame));
    const present = new Set(frame.f.filter((_, i) => i % 2));
    legend.forEach((item, index) => item.classList.toggle("away", !present.has(index)));
    byId("film-said").replaceChildren(...told(frame));
    slider.value = String(now + 1);
    slider.setAttribute("aria-valuetext", `${now + 1} of ${data.frames.length}: ${frame.label}`);
    jump.value = String(now + 1);
  };
  const button = player.querySelector('[data-film="play"]');
  const play = (on) => {
    clearInterval(timer);
    timer = 0;
    if (on) {
      if (now === data.frames.length - 1) show(0);
      timer = setInterval(() => {
        show(now + 1);
        if (now === data.frames.length - 1) play(false);
      }, 1300);
    }
    button.textContent = on ? "Stop" : "Play";
    button.setAttribute("aria-label", on ? "Stop" : "Play");
    button.setAttribute("title", on ? "Stop" : "Play");
    byId("film-said").setAttribute("aria-live", on ? "off" : "polite");
  };
  const go = (index) => {
    play(false);
    show(index);
  };
  const acts = {
    first: () => go(0), back: () => go(now - 1), play: () => play(!timer), next: () => go(now + 1),
    last: () => go(data.frames.length - 1),
  };
  player.querySelectorAll("[data-film]").forEach((item) => item.addEventListener("click", acts[item.dataset.film]));
  slider.addEventListener("input", () => go(Number(slider.value) - 1));
  jump.addEventListener("change", () => go(Number(jump.value) - 1));
  mark.addEventListener("change", () => show(now));
  const keys = {
    ArrowLeft: acts.back, ArrowUp: acts.back, ArrowRight: acts.next, ArrowDown: acts.next, Home: acts.first,
    End: acts.last, " ": acts.play,
  };
  stage.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  });
  const fromAddress = () => {
    const step = /^#film=(\d+)$/.exec(location.hash);
    if (!step) return;
    go(Number(step[1]) - 1);
    requestAnimationFrame(() => byId("film").scrollIntoView({ behavior: "instant" }));
  };
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-step]");
    if (!link) return;
    event.preventDefault();
    go(Number(link.dataset.step) - 1);
    byId("film").scrollIntoView({ behavior: "smooth" });
  });
  addEventListener("hashchange", fromAddress);
  player.hidden = false;
  show(0);
  fromAddress();
};

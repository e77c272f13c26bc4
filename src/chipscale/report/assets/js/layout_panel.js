// The panel beside the layout: layers, search, the chosen net, violations; and links into it from the page.
CS.layoutPanel = function (app) {
  const { model, view, viewer, draw } = app;
  const byId = (id) => document.getElementById(id);
  const tip = byId("mask-tip");
  const readout = byId("mask-readout");
  const said = byId("mask-said");
  const search = byId("mask-search");

  const layerBox = byId("mask-layers");
  [...model.layers].reverse().forEach((layer) => {
    const input = CS.el("input", { type: "checkbox" });
    input.checked = layer.on;
    input.addEventListener("change", () => {
      layer.on = input.checked;
      draw();
    });
    const swatch = CS.el("span", { class: "swatch", style: `background:${layer.color}`, "aria-hidden": "true" });
    layerBox.append(CS.el("label", { class: "check" }, input, swatch, CS.el("b", {}, layer.name), CS.el("span", { class: "soft" }, layer.title)));
  });
  const setAll = (on) => layerBox.querySelectorAll("input").forEach((input) => {
    if (input.checked !== on) input.click();
  });
  const all = CS.el("button", { type: "button" }, "All");
  const none = CS.el("button", { type: "button" }, "None");
  all.addEventListener("click", () => setAll(true));
  none.addEventListener("click", () => setAll(false));
  layerBox.append(CS.el("div", { class: "mini" }, all, none));

  const names = byId("mask-names");
  const wanted = new Set([...model.nets.map((n) => n.name), ...model.balls.map((b) => b[0]), ...model.pads.map((p) => p[0])]);
  names.append(...[...wanted].map((name) => CS.el("option", { value: name })));

  const pressed = (group, value) => viewer.querySelectorAll(`.viewer-bar [data-${group}]`).forEach((button) => {
    button.setAttribute("aria-pressed", String(button.dataset[group] === value));
  });
  const setMirror = (mirror) => {
    view.mirror = mirror;
    pressed("view", mirror ? "board" : "die");
    const [title, words] = mirror
      ? ["Board view", "looking down through the package, as on the board"]
      : ["Die view", "looking at the balls"];
    byId("view-name").replaceChildren(CS.el("b", {}, title), CS.el("span", {}, words));
    byId("view-name").classList.toggle("board", mirror);
    draw();
  };
  viewer.querySelectorAll(".viewer-bar [data-view]").forEach((button) =>
    button.addEventListener("click", () => setMirror(button.dataset.view === "board")));
  viewer.querySelectorAll(".viewer-bar [data-paint]").forEach((button) =>
    button.addEventListener("click", () => {
      view.paint = button.dataset.paint;
      pressed("paint", view.paint);
      draw();
    }));

  const um = (value, decimals) => (value === null || value === undefined ? "–" : `${CS.number(value, decimals)}\u202fµm`);
  const showNet = () => {
    const box = byId("mask-net");
    if (view.net < 0) {
      box.replaceChildren(CS.el("p", { class: "soft" }, "None. Click a net in the drawing, or search for one."));
      return;
    }
    const net = model.nets[view.net];
    const open = model.open.filter((item) => item[0] === view.net).map((item) => item[3]);
    const rows = [
      ["Class", net.cls === net.kind ? net.cls : `${net.cls} (${net.kind})`], ["Balls", net.balls.join(", ") || "–"], ["Pads", net.pads.join(", ") || "–"],
      ["Wire", um(net.wire, 1)], ["Bound", um(net.bound, 1)],
      ["Wire / bound", net.ratio === null || net.ratio === undefined ? "–" : CS.number(net.ratio, 3)],
      ["Width", um(net.width, 1)], ["Bends", net.bends === null || net.bends === undefined ? "–" : String(net.bends)],
    ];
    const list = CS.el("dl", { class: "net-facts" });
    rows.forEach(([term, value]) => list.append(CS.el("dt", {}, term), CS.el("dd", {}, value)));
    const show = CS.el("button", { type: "button" }, "Zoom to it");
    const drop = CS.el("button", { type: "button" }, "Let go");
    show.addEventListener("click", () => zoomTo(view.net));
    drop.addEventListener("click", () => selectNet(-1));
    const alarm = open.map((text) => CS.el("p", { class: "note bad" }, text));
    box.replaceChildren(CS.el("p", { class: "net-name" }, net.name), ...alarm, list, CS.el("div", { class: "mini" }, show, drop));
  };
  const remember = (key, value) => {
    try {
      history.replaceState(null, "", value === null ? location.pathname + location.search : `#${key}=${encodeURIComponent(value)}`);
    } catch { /* some browsers refuse for local files: the link is a convenience */ }
  };
  const selectNet = (index, quiet) => {
    view.net = index;
    view.mark = -1;
    if (!quiet) remember("net", index < 0 ? null : model.nets[index].name);
    showNet();
    draw();
  };
  const zoomTo = (index) => {
    const box = CS.netBox(model, index);
    if (!box) return;
    const m = 0.12 * Math.max(box[2] - box[0], box[3] - box[1], model.ball_d);
    app.fitBox([box[0] - m, box[1] - m, box[2] + m, box[3] + m], 2);
  };
  const selectMark = (index, move) => {
    const mark = model.marks[index];
    selectNet(model.netByName.has(mark.net) ? model.netByName.get(mark.net) : -1, true);
    view.mark = index;
    remember("violation", index + 1);
    if (move) {
      const reach = Math.max(1.2 * model.ball_d, 60);
      app.fitBox([mark.x - reach, mark.y - reach, mark.x + reach, mark.y + reach]);
    }
    document.querySelectorAll("#mask-places button").forEach((button) => {
      button.setAttribute("aria-current", String(Number(button.dataset.mark) === index));
    });
    draw();
  };
  const places = byId("mask-places");
  if (places) places.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button) selectMark(Number(button.dataset.mark), true);
  });

  const find = (text) => {
    const word = text.trim().toLowerCase();
    if (!word) return null;
    const search = [
      [model.nets, (n) => n.name, (n, i) => ({ net: i, words: `net ${n.name}` })],
      [model.balls, (b) => b[0], (b) => ({ net: b[3], at: [b[1], b[2]], words: `ball ${b[0]}` })],
      [model.pads, (p) => p[0], (p) => ({ net: p[5], at: [p[1], p[2]], words: `pad ${p[0]}` })],
    ];
    for (const same of [(name) => name === word, (name) => name.startsWith(word), (name) => name.includes(word)]) {
      for (const [list, nameOf, made] of search) {
        const index = list.findIndex((item) => same(nameOf(item).toLowerCase()));
        if (index >= 0) return made(list[index], index);
      }
    }
    return null;
  };
  const go = (text) => {
    const found = find(text);
    said.textContent = found ? `Shows ${found.words}${found.net < 0 ? ", not connected" : ""}` : text.trim() ? "Nothing of that name" : "";
    if (!found) return;
    selectNet(found.net);
    if (found.at) {
      const reach = 2 * model.ball_d;
      app.fitBox([found.at[0] - reach, found.at[1] - reach, found.at[0] + reach, found.at[1] + reach]);
    } else zoomTo(found.net);
  };
  search.addEventListener("change", () => go(search.value));
  search.addEventListener("keydown", (event) => { if (event.key === "Enter") go(search.value); });

  const hover = (x, y, hit) => {
    const [dx, dy] = app.transform().toDie(x, y);
    readout.textContent = `x ${CS.number(dx, 1)}  y ${CS.number(dy, 1)} µm`;
    const words = [];
    if (hit.ball) words.push(`ball ${hit.ball[0]}`);
    if (hit.pad) words.push(`pad ${hit.pad[0]}`);
    const net = hit.net >= 0 ? model.nets[hit.net].name : hit.ball || hit.pad ? "not connected" : "";
    tip.hidden = !words.length && !net;
    app.canvas.style.cursor = hit.net >= 0 ? "pointer" : "";
    if (tip.hidden) return;
    tip.replaceChildren(CS.el("b", {}, net), words.length ? ` ${words.join(", ")}` : "");
    const room = app.canvas.clientWidth - tip.offsetWidth - 8;
    tip.style.transform = `translate(${Math.max(4, Math.min(x + 14, room))}px, ${Math.max(4, y - 34)}px)`;
  };
  const leave = () => {
    tip.hidden = true;
    readout.textContent = "";
  };
  const fromAddress = () => {
    const [, key, value] = /^#(net|ball|pad|violation)=(.*)$/.exec(location.hash) || [];
    if (!key) return;
    document.getElementById("layout").scrollIntoView();
    if (key === "violation") {
      if (model.marks[Number(value) - 1]) selectMark(Number(value) - 1, true);
      return;
    }
    let name = value;
    try { name = decodeURIComponent(value); } catch { /* not encoded */ }
    go(name);
  };
  addEventListener("hashchange", fromAddress);
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-net], g[data-net]");
    if (!link || !model.netByName.has(link.dataset.net)) return;
    event.preventDefault();
    const index = model.netByName.get(link.dataset.net);
    document.getElementById("layout").scrollIntoView({ behavior: "smooth" });
    selectNet(index);
    zoomTo(index);
  });
  setMirror(false);
  showNet();
  return { selectNet, selectMark, setMirror, hover, leave, fromAddress };
};

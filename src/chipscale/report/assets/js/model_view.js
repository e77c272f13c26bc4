// The 3D viewer: camera, panel, keys. Frames are drawn only when something changed.
CS.startModel = function () {
  const stage = document.getElementById("model-stage");
  if (!stage) return;
  const message = document.getElementById("model-message");
  const load = async () => {
    try {
      const bodies = CS.readGlb(await CS.unpackModel());
      const heat = await CS.readHeat();
      if (heat) bodies.push(CS.boardBody(heat.board));
      CS.runModel(bodies, CS.gatherModel(bodies), heat);
      message.hidden = true;
      stage.classList.add("live");
    } catch (error) {
      message.textContent = `The 3D model cannot be shown here: ${error.message}. Open package.glb in any glTF viewer.`;
      stage.classList.add("failed");
    }
  };
  // Unpacked when it comes near the window, so that the page itself opens at once.
  const watch = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    watch.disconnect();
    setTimeout(load, 0);
  }, { rootMargin: "600px" });
  watch.observe(stage);
};

CS.VIEWS = {
  iso: [-0.62, 0.62, "Balls up"], top: [0, Math.PI / 2 - 1e-4, "Ball side (die view)"], bottom: [0, -Math.PI / 2 + 1e-4, "Back side"],
  front: [0, 0, "Front, along y"], side: [Math.PI / 2, 0, "Side, along x"],
};

CS.runModel = function (bodies, groups, heat) {
  const byId = (id) => document.getElementById(id);
  const viewer = byId("model-viewer");
  const canvas = byId("model-canvas");
  const tip = byId("model-tip");
  const painter = new CS.ModelPainter(canvas, groups, heat);
  const own = groups.filter((g) => g.layer !== "BOARD");
  const box = [0, 1, 2, 3, 4, 5].map((i) => (i < 3 ? Math.min : Math.max)(...own.map((g) => g.box[i])));
  const size = Math.max(box[3] - box[0], box[4] - box[1]);
  const height = new Map();
  groups.forEach((g) => {
    const middle = (g.box[2] + g.box[5]) / 2;
    height.set(g.layer, Math.min(height.get(g.layer) ?? Infinity, middle));
  });
  const order = [...height.keys()].sort((a, b) => height.get(a) - height.get(b));
  const rank = new Map(order.map((layer, index) => [layer, index]));
  const state = {
    zScale: 1, explode: 0, visible: new Set(order.filter((layer) => layer !== "BOARD")), translucent: true, edges: true,
    chosen: -1, cut: null, heat: null,
    lift: (layer) => rank.get(layer) * state.explode * 0.16 * size,
  };
  const eye = { yaw: 0, pitch: 0, distance: 1, target: [0, 0, 0] };
  const cut = { axis: "none", share: 0.5, flip: false };

  const top = () => box[5] * state.zScale + (order.length - 1) * state.explode * 0.16 * size;
  const camera = () => {
    const aspect = canvas.width / Math.max(1, canvas.height);
    const fov = 0.5;
    const look = CS.mat.orbit(eye.target, eye.distance, eye.yaw, eye.pitch);
    const near = Math.max(eye.distance * 0.02, eye.distance - 4 * size - top());
    const projection = CS.mat.perspective(fov, aspect, near, eye.distance + 4 * size + top());
    const key = [0, 1, 2].map((i) => look.back[i] * 0.62 + look.up[i] * 0.62 - look.right[i] * 0.48);
    return { ...look, key, fov, matrix: CS.mat.multiply(projection, look.matrix) };
  };
  const setCut = () => {
    if (cut.axis === "none") { state.cut = null; return; }
    const axis = cut.axis === "x" ? 0 : 1;
    const other = 1 - axis;
    const at = box[axis] + cut.share * (box[3 + axis] - box[axis]);
    const sign = cut.flip ? -1 : 1;
    // the half farther from the usual point of view stays, so that the cut face is seen
    const plane = [0, 0, 0, -sign * at];
    plane[axis] = -sign;
    const low = Math.min(box[2] * state.zScale, 0) - size;
    const quad = [];
    [[box[other] - size, low], [box[3 + other] + size, low], [box[other] - size, top() + size], [box[3 + other] + size, top() + size]].forEach(([u, z]) => {
      const point = [0, 0, z];
      point[axis] = at;
      point[other] = u;
      quad.push(...point);
    });
    state.cut = { plane, quad, at, axis: cut.axis };
  };
  let waiting = false;
  const draw = () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      const ratio = Math.min(devicePixelRatio || 1, 2);
      const [w, h] = [Math.round(canvas.clientWidth * ratio), Math.round(canvas.clientHeight * ratio)];
      if (canvas.width !== w || canvas.height !== h) [canvas.width, canvas.height] = [w, h];
      setCut();
      painter.draw(camera(), state);
      canvas.dataset.frames = String(Number(canvas.dataset.frames || 0) + 1);
    });
  };
  const fit = () => {
    eye.target = [(box[0] + box[3]) / 2, (box[1] + box[4]) / 2, (box[2] * state.zScale + top()) / 2];
    const look = CS.mat.orbit([0, 0, 0], 1, eye.yaw, eye.pitch);
    const half = [(box[3] - box[0]) / 2, (box[4] - box[1]) / 2, (top() - box[2] * state.zScale) / 2];
    const t = Math.tan(0.25) * 0.92;
    const aspect = canvas.clientWidth / Math.max(1, canvas.clientHeight);
    const along = (axis, corner) => axis[0] * corner[0] + axis[1] * corner[1] + axis[2] * corner[2];
    eye.distance = 0;
    for (let i = 0; i < 8; i++) {
      const corner = half.map((h, k) => (i & (1 << k) ? h : -h));
      const near = along(look.back, corner);
      eye.distance = Math.max(
        eye.distance, near + Math.abs(along(look.up, corner)) / t, near + Math.abs(along(look.right, corner)) / (t * aspect),
      );
    }
    draw();
  };
  const named = byId("model-view-name");
  const viewFrom = (name) => {
    [eye.yaw, eye.pitch] = CS.VIEWS[name];
    named.textContent = CS.VIEWS[name][2];
    fit();
  };
  const zoom = (factor) => {
    eye.distance = Math.min(12 * size, Math.max(0.02 * size, eye.distance / factor));
    draw();
  };
  const turn = (dx, dy) => {
    eye.yaw -= dx * 0.008;
    eye.pitch = Math.max(-Math.PI / 2 + 1e-4, Math.min(Math.PI / 2 - 1e-4, eye.pitch + dy * 0.008));
    named.textContent = eye.pitch >= 0 ? "Balls up" : "Back side up";
    draw();
  };
  const slide = (dx, dy) => {
    const look = camera();
    const step = (2 * Math.tan(look.fov / 2) * eye.distance) / Math.max(1, canvas.clientHeight);
    eye.target = eye.target.map((v, i) => v - look.right[i] * dx * step + look.up[i] * dy * step);
    draw();
  };
  const choose = (id) => {
    if (state.chosen === id) return;
    state.chosen = id;
    draw();
  };
  let lastHover = 0;
  let slow = 0; // pickings in a row that took too long: then bodies are named on a click only
  const nameAt = (x, y) => {
    const ratio = canvas.width / Math.max(1, canvas.clientWidth);
    const id = painter.pick(camera(), state, Math.round(x * ratio), Math.round(y * ratio));
    const body = bodies[id - 1];
    tip.hidden = !body;
    choose(body ? id : -1);
    if (!body) return;
    const words = [body.layer, body.material, body.net ? `net ${body.net}` : ""].filter(Boolean).join(" · ");
    tip.replaceChildren(CS.el("b", {}, body.name), ` ${words}`);
    const room = canvas.clientWidth - tip.offsetWidth - 8;
    tip.style.transform = `translate(${Math.max(4, Math.min(x + 14, room))}px, ${Math.max(4, y - 34)}px)`;
  };
  CS.gestures(canvas, {
    move: (dx, dy, how) => (how.shift ? slide(dx, dy) : turn(dx, dy)),
    zoom,
    tap: nameAt,
    hover: (x, y) => {
      const now = performance.now();
      if (slow > 2 || now - lastHover < 60) return;
      nameAt(x, y);
      lastHover = performance.now();
      slow = lastHover - now > 80 ? slow + 1 : 0;
    },
    leave: () => {
      tip.hidden = true;
      choose(-1);
    },
  });
  const reset = () => {
    [["model-explode", 0], ["model-z", 1], ["model-cut", 0.5]].forEach(([id, value]) => { byId(id).value = value; });
    viewer.querySelector('[data-cut="none"]').click();
    if (byId("model-flip").checked) byId("model-flip").click();
    sliders();
    viewFrom("iso");
  };
  const sliders = () => {
    state.explode = Number(byId("model-explode").value);
    state.zScale = Number(byId("model-z").value);
    cut.share = Number(byId("model-cut").value);
    byId("model-explode-out").textContent = `${Math.round(state.explode * 100)} %`;
    byId("model-z-out").textContent = `${state.zScale} ×`;
    const axis = cut.axis === "y" ? 1 : 0;
    byId("model-cut-out").textContent = cut.axis === "none" ? "no cut" : `${cut.axis} = ${CS.number(box[axis] + cut.share * (box[3 + axis] - box[axis]), 0)}\u202fµm`;
    draw();
  };
  ["model-explode", "model-z"].forEach((id) => byId(id).addEventListener("input", () => { sliders(); fit(); }));
  byId("model-cut").addEventListener("input", () => {
    if (cut.axis === "none") viewer.querySelector('[data-cut="y"]').click();
    sliders();
  });
  viewer.querySelectorAll("[data-cut]").forEach((button) => button.addEventListener("click", () => {
    cut.axis = button.dataset.cut;
    viewer.querySelectorAll("[data-cut]").forEach((other) => other.setAttribute("aria-pressed", String(other === button)));
    sliders();
  }));
  byId("model-flip").addEventListener("change", (event) => { cut.flip = event.target.checked; draw(); });
  byId("model-clear").addEventListener("change", (event) => { state.translucent = event.target.checked; draw(); });
  byId("model-edges").addEventListener("change", (event) => { state.edges = event.target.checked; draw(); });
  let warm = false;
  const colours = () => {
    const shown = heat && (state.visible.has("BOARD") ? heat.board : heat.package);
    state.heat = warm ? shown.scale : null;
    byId("model-scale").hidden = !warm;
    if (warm) CS.heatBar(byId("model-scale"), heat, shown);
    viewer.querySelectorAll("[data-colours]").forEach((button) => button.setAttribute("aria-pressed", String((button.dataset.colours === "temperature") === warm)));
    draw();
  };
  viewer.querySelectorAll("[data-colours]").forEach((button) => button.addEventListener("click", () => {
    warm = button.dataset.colours === "temperature";
    colours();
  }));
  const list = byId("model-layers");
  [...order].reverse().forEach((layer) => {
    const group = groups.find((g) => g.layer === layer);
    const rgb = group.color.slice(0, 3).map((v) => Math.round(255 * Math.pow(v, 1 / 2.2)));
    const input = CS.el("input", { type: "checkbox", checked: state.visible.has(layer) });
    input.addEventListener("change", () => {
      if (input.checked) state.visible.add(layer);
      else state.visible.delete(layer);
      colours();
    });
    const swatch = CS.el("span", { class: "swatch", style: `background:rgb(${rgb.join()})`, "aria-hidden": "true" });
    list.append(CS.el("label", { class: "check" }, input, swatch, CS.el("b", {}, layer), CS.el("span", { class: "soft" }, group.material)));
  });
  const acts = { in: () => zoom(1.3), out: () => zoom(1 / 1.3), reset };
  viewer.querySelectorAll(".viewer-bar [data-act]").forEach((button) => {
    if (button.dataset.act === "full") CS.fullWindow(viewer, button, () => requestAnimationFrame(fit));
    else button.addEventListener("click", acts[button.dataset.act]);
  });
  viewer.querySelectorAll(".viewer-bar [data-view]").forEach((button) => button.addEventListener("click", () => viewFrom(button.dataset.view)));
  const keys = {
    ArrowLeft: () => turn(-16, 0), ArrowRight: () => turn(16, 0), ArrowUp: () => turn(0, -16), ArrowDown: () => turn(0, 16),
    "+": acts.in, "=": acts.in, "-": acts.out, 0: fit,
  };
  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  });
  new ResizeObserver(draw).observe(canvas);
  viewFrom("iso");
  sliders();
  CS.modelApp = { state, eye, painter, groups };
};

// The layout viewer: state, gestures, keys; painting and panel are beside it.
CS.startLayout = function () {
  const canvas = document.getElementById("mask-canvas");
  if (!canvas || !canvas.getContext || typeof Path2D === "undefined") return;
  const viewer = document.getElementById("mask-viewer");
  const stage = document.getElementById("mask-stage");
  const model = CS.readLayout();
  const view = { x: model.w / 2, y: model.h / 2, scale: 1, mirror: false, net: -1, mark: -1, paint: "layer" };
  stage.classList.add("live");
  canvas.hidden = false;
  let waiting = false;
  let fitted = true;
  const draw = () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      CS.paintLayout(canvas, model, view);
    });
  };
  const limits = () => [0.2 * Math.min(canvas.clientWidth / model.w, canvas.clientHeight / model.h), 40];
  const fitBox = (box, most) => {
    const wide = Math.max(box[2] - box[0], 1);
    const high = Math.max(box[3] - box[1], 1);
    view.x = (box[0] + box[2]) / 2;
    view.y = (box[1] + box[3]) / 2;
    view.scale = Math.min(canvas.clientWidth / wide, canvas.clientHeight / high, most || Infinity);
    draw();
  };
  const fit = () => {
    fitted = true;
    const m = 0.015 * Math.max(model.w, model.h);
    const head = 44; // the view's name stands above the die
    const foot = canvas.clientWidth < 560 ? 60 : 14; // the scale stands below a die as wide as the window
    const room = Math.max(80, canvas.clientHeight - head - foot);
    view.scale = Math.min(canvas.clientWidth / (model.w + 2 * m), room / (model.h + 2 * m));
    view.x = model.w / 2;
    view.y = model.h / 2 + (head - foot) / 2 / view.scale;
    draw();
  };
  const transform = () => CS.layoutTransform(view, canvas.clientWidth, canvas.clientHeight, model);
  const zoom = (factor, px, py) => {
    fitted = false;
    const [low, high] = limits();
    const before = transform().toDie(px, py);
    view.scale = Math.min(high, Math.max(low, view.scale * factor));
    const after = transform().toDie(px, py);
    view.x += before[0] - after[0];
    view.y += before[1] - after[1];
    draw();
  };
  const pan = (dx, dy) => {
    fitted = false;
    view.x -= ((view.mirror ? -1 : 1) * dx) / view.scale;
    view.y += dy / view.scale;
    view.x = Math.min(1.2 * model.w, Math.max(-0.2 * model.w, view.x));
    view.y = Math.min(1.2 * model.h, Math.max(-0.2 * model.h, view.y));
    draw();
  };
  const app = { model, view, canvas, viewer, draw, fit, fitBox, zoom, pan, transform };
  const panel = CS.layoutPanel(app);
  app.panel = panel;
  const context = canvas.getContext("2d");
  const hitAt = (x, y) => CS.layoutHit(model, context, ...transform().toDie(x, y));
  CS.gestures(canvas, {
    move: (dx, dy) => pan(dx, dy),
    zoom,
    tap: (x, y) => {
      const t = transform();
      const near = model.marks.findIndex((m) => {
        const [mx, my] = t.toScreen(m.x, m.y);
        return Math.hypot(mx - x, my - y) < 12;
      });
      if (near >= 0) panel.selectMark(near, false);
      else panel.selectNet(hitAt(x, y).net);
    },
    hover: (x, y) => panel.hover(x, y, hitAt(x, y)),
    leave: () => panel.leave(),
  });
  const middle = (factor) => zoom(factor, canvas.clientWidth / 2, canvas.clientHeight / 2);
  const keys = {
    "+": () => middle(1.4), "=": () => middle(1.4), "-": () => middle(1 / 1.4), 0: fit, Escape: () => panel.selectNet(-1),
    ArrowLeft: () => pan(60, 0), ArrowRight: () => pan(-60, 0), ArrowUp: () => pan(0, 60), ArrowDown: () => pan(0, -60),
    b: () => panel.setMirror(!view.mirror), B: () => panel.setMirror(!view.mirror),
  };
  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  });
  const acts = { in: () => middle(1.5), out: () => middle(1 / 1.5), fit };
  viewer.querySelectorAll(".viewer-bar [data-act]").forEach((button) => {
    if (button.dataset.act === "full") CS.fullWindow(viewer, button, () => requestAnimationFrame(fit));
    else button.addEventListener("click", acts[button.dataset.act]);
  });
  new ResizeObserver(() => (fitted ? fit() : draw())).observe(stage);
  CS.themeListeners.push(draw);
  fit();
  panel.fromAddress();
  CS.layoutApp = app;
};

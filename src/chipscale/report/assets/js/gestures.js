// Mouse, wheel, touch and full-window handling shared by both viewers.
// `on` holds move(dx, dy, {shift, fingers}), zoom(factor, x, y), tap(x, y), hover(x, y), leave().
CS.gestures = function (canvas, on) {
  const fingers = new Map();
  let travelled = 0;
  let button = 0;
  let lastOutside = -1e9;
  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  // A scroll that began outside goes on scrolling the page when the pointer arrives over the picture.
  addEventListener("wheel", (event) => { if (event.target !== canvas) lastOutside = event.timeStamp; }, { passive: true });
  canvas.addEventListener("wheel", (event) => {
    if (event.timeStamp - lastOutside < 350) {
      lastOutside = event.timeStamp;
      return;
    }
    event.preventDefault();
    const { x, y } = place(event);
    const lines = event.deltaMode === 1 ? 16 : event.deltaMode === 2 ? 400 : 1;
    on.zoom(Math.exp(-Math.max(-240, Math.min(240, event.deltaY * lines)) * 0.0018), x, y);
  }, { passive: false });
  canvas.addEventListener("pointerdown", (event) => {
    fingers.set(event.pointerId, place(event));
    button = event.button;
    if (fingers.size === 1) travelled = 0;
    try { canvas.setPointerCapture(event.pointerId); } catch { /* a pointer that is gone already */ }
    canvas.focus({ preventScroll: true });
  });
  canvas.addEventListener("pointermove", (event) => {
    const now = place(event);
    const before = fingers.get(event.pointerId);
    if (!before) {
      if (event.pointerType !== "touch") on.hover(now.x, now.y);
      return;
    }
    const others = [...fingers.entries()].filter(([id]) => id !== event.pointerId).map(([, p]) => p);
    fingers.set(event.pointerId, now);
    travelled += Math.abs(now.x - before.x) + Math.abs(now.y - before.y);
    if (!others.length) {
      if (travelled > 4) on.move(now.x - before.x, now.y - before.y, { shift: event.shiftKey || button > 0, fingers: 1 });
      return;
    }
    const other = others[0];
    const was = Math.hypot(before.x - other.x, before.y - other.y);
    const is = Math.hypot(now.x - other.x, now.y - other.y);
    on.move((now.x - before.x) / 2, (now.y - before.y) / 2, { shift: true, fingers: 2 });
    if (was > 4 && is > 4) on.zoom(is / was, (now.x + other.x) / 2, (now.y + other.y) / 2);
  });
  const end = (event) => {
    const known = fingers.delete(event.pointerId);
    if (known && event.type === "pointerup" && travelled <= 4 && !fingers.size) {
      const { x, y } = place(event);
      on.tap(x, y);
    }
  };
  canvas.addEventListener("pointerup", end);
  canvas.addEventListener("pointercancel", end);
  canvas.addEventListener("pointerleave", () => on.leave());
  canvas.addEventListener("contextmenu", (event) => event.preventDefault());
};

// Let a viewer fill the window and come back; `changed` is called after each change.
CS.fullWindow = function (viewer, button, changed) {
  const set = (full) => {
    viewer.classList.toggle("full", full);
    document.documentElement.classList.toggle("has-full", full);
    button.setAttribute("aria-pressed", String(full));
    changed();
  };
  button.addEventListener("click", () => set(!viewer.classList.contains("full")));
  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && viewer.classList.contains("full")) set(false);
  });
};

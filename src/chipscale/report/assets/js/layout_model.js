// The layout as the viewer holds it: shapes read from the drawing on the page, names from the data beside it.
CS.readLayout = function () {
  const data = JSON.parse(document.getElementById("layout-data").textContent);
  const layers = data.layers.map((info) => ({ ...info, shapes: [] }));
  const byName = new Map(layers.map((layer) => [layer.name, layer]));
  document.querySelectorAll("#mask-art g[data-layer]").forEach((group) => {
    const layer = byName.get(group.dataset.layer);
    group.querySelectorAll("path").forEach((path) => {
      const d = path.getAttribute("d");
      const width = Number(path.dataset.w || 0);
      layer.shapes.push({ net: Number(path.dataset.n), width, path: new Path2D(d), boxes: CS.boxes(d, width / 2) });
    });
  });
  layers.forEach((layer) => { layer.merged = CS.merge(layer.shapes, () => 0); });
  const classOf = (shape) => (shape.net < 0 ? "" : data.nets[shape.net].cls);
  layers.forEach((layer) => { layer.byClass = CS.merge(layer.shapes, classOf); });
  const nets = new Map(data.nets.map((net, index) => [net.name, index]));
  return { ...data, layers, netByName: nets };
};

// One path per key and wire width: far fewer fills per frame than one per net.
CS.merge = function (shapes, keyOf) {
  const merged = new Map();
  shapes.forEach((shape) => {
    const key = keyOf(shape);
    const id = `${shape.width}|${key}`;
    if (!merged.has(id)) merged.set(id, { key, width: shape.width, path: new Path2D() });
    merged.get(id).path.addPath(shape.path);
  });
  return [...merged.values()];
};

// The box of each piece of a path: lines as "Mx y x y..." and discs as "Mx ya r r ...".
CS.boxes = function (d, margin) {
  return d.split("M").filter(Boolean).map((piece) => {
    const [head, arc] = piece.split("a");
    const n = head.replace("Z", "").trim().split(/\s+/).map(Number);
    if (arc !== undefined) {
      const r = parseFloat(arc);
      return [n[0], n[1] - r, n[0] + 2 * r, n[1] + r];
    }
    const box = [Infinity, Infinity, -Infinity, -Infinity];
    for (let i = 0; i + 1 < n.length; i += 2) {
      box[0] = Math.min(box[0], n[i] - margin);
      box[1] = Math.min(box[1], n[i + 1] - margin);
      box[2] = Math.max(box[2], n[i] + margin);
      box[3] = Math.max(box[3], n[i + 1] + margin);
    }
    return box;
  });
};

CS.inBoxes = function (boxes, x, y) {
  return boxes.some((box) => x >= box[0] && x <= box[2] && y >= box[1] && y <= box[3]);
};

// What lies under (x, y): the net of the topmost visible shape, and the ball or pad there.
CS.layoutHit = function (model, context, x, y) {
  const hit = { net: -1, ball: null, pad: null };
  const r = model.ball_d / 2;
  hit.ball = model.balls.find((b) => Math.abs(b[1] - x) < r && Math.abs(b[2] - y) < r && Math.hypot(b[1] - x, b[2] - y) < r) || null;
  hit.pad = model.pads.find((p) => Math.abs(p[1] - x) <= p[3] / 2 && Math.abs(p[2] - y) <= p[4] / 2) || null;
  const seen = model.layers.filter((layer) => layer.on && layer.name !== "BALL").reverse();
  context.save();
  context.setTransform(1, 0, 0, 1, 0, 0);
  for (const layer of seen) {
    const shape = layer.shapes.find((s) => {
      if (s.net < 0 || !CS.inBoxes(s.boxes, x, y)) return false;
      if (!s.width) return context.isPointInPath(s.path, x, y);
      context.lineWidth = s.width;
      return context.isPointInStroke(s.path, x, y);
    });
    if (shape) {
      hit.net = shape.net;
      break;
    }
  }
  context.restore();
  if (hit.net < 0 && hit.ball) hit.net = hit.ball[3];
  if (hit.net < 0 && hit.pad) hit.net = hit.pad[5];
  return hit;
};

CS.netBox = function (model, net) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  model.layers.forEach((layer) => layer.shapes.forEach((shape) => {
    if (shape.net !== net) return;
    shape.boxes.forEach((b) => {
      box[0] = Math.min(box[0], b[0]);
      box[1] = Math.min(box[1], b[1]);
      box[2] = Math.max(box[2], b[2]);
      box[3] = Math.max(box[3], b[3]);
    });
  }));
  return isFinite(box[0]) ? box : null;
};

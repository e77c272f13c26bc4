// Paint the layout on a canvas, crisp at every zoom; texts stay upright in both views.
// `view` holds x, y (die µm at the middle), scale (px per µm), mirror, net, mark, paint.
CS.layoutTransform = function (view, width, height, model) {
  const sign = view.mirror ? -1 : 1;
  return {
    toScreen: (x, y) => [width / 2 + sign * (x - view.x) * view.scale, height / 2 - (y - view.y) * view.scale],
    toDie: (px, py) => [view.x + (sign * (px - width / 2)) / view.scale, view.y - (py - height / 2) / view.scale],
    matrix: (ratio) => [
      sign * view.scale * ratio, 0, 0, -view.scale * ratio,
      (width / 2 - sign * view.x * view.scale) * ratio, (height / 2 + view.y * view.scale) * ratio,
    ],
    model,
  };
};

CS.paintLayout = function (canvas, model, view) {
  const ratio = Math.min(devicePixelRatio || 1, 3);
  const width = canvas.clientWidth;
  const height = canvas.clientHeight;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  const c = canvas.getContext("2d");
  c.setTransform(1, 0, 0, 1, 0, 0);
  c.fillStyle = CS.cssColor("--stage");
  c.fillRect(0, 0, canvas.width, canvas.height);
  const t = CS.layoutTransform(view, width, height, model);
  c.setTransform(...t.matrix(ratio));
  c.lineJoin = c.lineCap = "round";
  const dim = view.net >= 0 ? 0.22 : 1;
  model.layers.filter((layer) => layer.on).forEach((layer) => CS.paintLayer(c, layer, model, view, dim));
  if (view.net >= 0) CS.paintNet(c, model, view);
  c.setTransform(ratio, 0, 0, ratio, 0, 0);
  CS.paintOpen(c, model, view, t);
  CS.paintNames(c, model, view, t, width, height);
  CS.paintMarks(c, model, view, t);
  CS.paintScale(c, view, height);
};

CS.paintLayer = function (c, layer, model, view, dim) {
  const metal = layer.name === "RDL" || layer.name === "RDL2";
  const parts = view.paint === "class" && metal ? layer.byClass : layer.merged;
  parts.forEach((part) => {
    const color = view.paint === "class" && metal ? model.classes[part.key] || "#9aa3ad" : layer.color;
    c.fillStyle = c.strokeStyle = color;
    if (part.width) {
      c.globalAlpha = dim * (layer.fill || 1);
      c.lineWidth = part.width;
      c.stroke(part.path);
      return;
    }
    if (layer.fill) {
      c.globalAlpha = dim * layer.fill;
      c.fill(part.path, "nonzero");
    }
    if (layer.line) {
      c.globalAlpha = dim * layer.line;
      c.lineWidth = 1.25 / view.scale;
      c.stroke(part.path);
    }
  });
  c.globalAlpha = 1;
};

// The chosen net again, in full colour, with a bright edge.
CS.paintNet = function (c, model, view) {
  const glow = CS.cssColor("--select");
  model.layers.filter((layer) => layer.on).forEach((layer) => {
    layer.shapes.filter((shape) => shape.net === view.net).forEach((shape) => {
      const metal = layer.name === "RDL" || layer.name === "RDL2";
      c.strokeStyle = c.fillStyle = metal ? glow : layer.color;
      if (shape.width) {
        c.lineWidth = shape.width;
        c.stroke(shape.path);
        return;
      }
      c.globalAlpha = Math.max(layer.fill, metal ? 1 : 0.2);
      c.fill(shape.path, "nonzero");
      c.globalAlpha = 1;
      c.lineWidth = 1.5 / view.scale;
      if (!metal) c.stroke(shape.path);
    });
  });
};

CS.paintOpen = function (c, model, view, t) {
  c.strokeStyle = CS.cssColor("--bad");
  c.lineWidth = 2;
  c.setLineDash([7, 5]);
  model.open.forEach(([net, from, to]) => {
    if (!from.length || (view.net >= 0 && view.net !== net)) return;
    c.beginPath();
    c.moveTo(...t.toScreen(...from));
    c.lineTo(...t.toScreen(...to));
    c.stroke();
  });
  c.setLineDash([]);
};

CS.paintNames = function (c, model, view, t, width, height) {
  const r = (model.ball_d / 2) * view.scale;
  const seen = (x, y) => x > -r && y > -r && x < width + r && y < height + r;
  const ink = CS.cssColor("--ink");
  const halo = CS.cssColor("--stage");
  c.textAlign = "center";
  c.textBaseline = "middle";
  c.lineJoin = "round";
  const write = (text, x, y, size, weight) => {
    c.font = `${weight} ${size}px ${CS.font}`;
    c.lineWidth = Math.max(1.5, size / 7);
    c.strokeStyle = halo;
    c.globalAlpha = 0.6;
    c.strokeText(text, x, y);
    c.globalAlpha = 1;
    c.fillStyle = ink;
    c.fillText(text, x, y);
  };
  const on = (name) => model.layers.some((layer) => layer.name === name && layer.on);
  if (on("BALL") && r > 8) {
    model.balls.forEach(([name, x, y, net]) => {
      const [sx, sy] = t.toScreen(x, y);
      if (!seen(sx, sy) || (view.net >= 0 && net !== view.net)) return;
      const size = Math.min(r * 0.72, (2.3 * r) / Math.max(2, name.length), 26);
      const netName = net >= 0 ? model.nets[net].name : "";
      const small = Math.min(size * 0.66, (3.1 * r) / Math.max(4, netName.length), 15);
      const two = small >= 7.5 && netName;
      if (size >= 6) write(name, sx, sy - (two ? small * 0.62 : 0), size, 600);
      if (two) write(netName, sx, sy + size * 0.62, small, 400);
    });
  }
  if (!on("PAD")) return;
  model.pads.forEach(([name, x, y, wide, , net]) => {
    const size = Math.min(12, (1.7 * wide * view.scale) / Math.max(3, name.length));
    if (size < 7.5 || (view.net >= 0 && net !== view.net)) return;
    const [sx, sy] = t.toScreen(x, y);
    if (seen(sx, sy)) write(name, sx, sy, size, 500);
  });
};

CS.paintMarks = function (c, model, view, t) {
  const bad = CS.cssColor("--bad");
  model.marks.forEach((mark, index) => {
    const [x, y] = t.toScreen(mark.x, mark.y);
    const chosen = index === view.mark;
    c.strokeStyle = bad;
    c.lineWidth = chosen ? 3 : 2;
    c.beginPath();
    c.arc(x, y, chosen ? 13 : 7, 0, 2 * Math.PI);
    c.stroke();
    if (!chosen) return;
    c.beginPath();
    [[-20, 0, -9, 0], [20, 0, 9, 0], [0, -20, 0, -9], [0, 20, 0, 9]].forEach(([a, b, d, e]) => {
      c.moveTo(x + a, y + b);
      c.lineTo(x + d, y + e);
    });
    c.stroke();
  });
};

// A scale bar, and which way x and y grow in this view.
CS.paintScale = function (c, view, height) {
  const step = CS.niceStep(70 / view.scale);
  const length = step * view.scale;
  const words = step >= 1000 ? `${step / 1000} mm` : step >= 0.001 ? `${Number(step.toPrecision(3))} µm` : "";
  const ink = CS.cssColor("--ink");
  const y = height - 16;
  c.fillStyle = CS.cssColor("--stage");
  c.globalAlpha = 0.82;
  c.fillRect(6, y - 40, Math.max(length, 78) + 22, 50);
  c.globalAlpha = 1;
  c.strokeStyle = c.fillStyle = ink;
  c.lineWidth = 1.5;
  c.lineCap = "butt";
  c.beginPath();
  c.moveTo(14, y - 4); c.lineTo(14, y + 1); c.lineTo(14 + length, y + 1); c.lineTo(14 + length, y - 4);
  const origin = view.mirror ? 44 : 16;
  const way = view.mirror ? -1 : 1;
  const foot = y - 14;
  c.moveTo(origin, foot - 20); c.lineTo(origin, foot); c.lineTo(origin + way * 20, foot);
  c.moveTo(origin - 3, foot - 16); c.lineTo(origin, foot - 21); c.lineTo(origin + 3, foot - 16);
  c.moveTo(origin + way * 16, foot - 3); c.lineTo(origin + way * 21, foot); c.lineTo(origin + way * 16, foot + 3);
  c.stroke();
  c.font = `500 11px ${CS.font}`;
  c.textAlign = "left";
  c.textBaseline = "alphabetic";
  c.fillText("y", origin + (view.mirror ? 5 : 5), foot - 13);
  c.textAlign = view.mirror ? "right" : "left";
  c.fillText("x", origin + way * 25, foot + 3);
  c.textAlign = "left";
  c.fillText(words, Math.max(58, 18), y - 8);
};

CS.font = 'ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';

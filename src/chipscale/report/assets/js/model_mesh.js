// Gather the bodies of each layer into one set of triangles and one of feature edges, ready for the graphics card.
// A vertex is 5 words: x, y, z as floats, the normal as signed bytes, the body's number.
CS.gatherModel = function (bodies) {
  const groups = new Map();
  bodies.forEach((body, index) => {
    const look = body.mesh.material.pbrMetallicRoughness || {};
    const color = look.baseColorFactor || [0.6, 0.6, 0.6, 1];
    const id = `${body.layer}|${color.join()}`;
    if (!groups.has(id)) groups.set(id, { layer: body.layer, color, material: body.material, bodies: [] });
    groups.get(id).bodies.push({ ...body, id: index + 1 });
  });
  const edgesOf = new Map();
  return [...groups.values()].map((group) => CS.gatherGroup(group, edgesOf));
};

CS.gatherGroup = function (group, edgesOf) {
  const corners = group.bodies.reduce((sum, body) => sum + body.mesh.points.length / 3, 0);
  const faces = group.bodies.reduce((sum, b) => sum + (b.mesh.indices ? b.mesh.indices.length : b.mesh.points.length / 3), 0);
  const words = new ArrayBuffer(corners * 20);
  const floats = new Float32Array(words);
  const bytes = new Int8Array(words);
  const indices = new Uint32Array(faces);
  const box = [Infinity, Infinity, Infinity, -Infinity, -Infinity, -Infinity];
  const lines = [];
  let corner = 0;
  let face = 0;
  group.bodies.forEach((body) => {
    const { mesh, matrix: m } = body;
    const count = mesh.points.length / 3;
    const place = new Float32Array(count * 3);
    const normals = mesh.normals || CS.flatNormals(mesh);
    for (let i = 0; i < count; i++) {
      const [x, y, z] = [mesh.points[3 * i], mesh.points[3 * i + 1], mesh.points[3 * i + 2]];
      const [u, v, w] = [normals[3 * i], normals[3 * i + 1], normals[3 * i + 2]];
      const n = [0, 1, 2].map((r) => m[r] * u + m[4 + r] * v + m[8 + r] * w);
      const length = Math.hypot(...n) || 1;
      for (let r = 0; r < 3; r++) {
        const value = m[r] * x + m[4 + r] * y + m[8 + r] * z + m[12 + r];
        place[3 * i + r] = value;
        floats[5 * (corner + i) + r] = value;
        bytes[20 * (corner + i) + 12 + r] = Math.round((127 * n[r]) / length);
        box[r] = Math.min(box[r], value);
        box[3 + r] = Math.max(box[3 + r], value);
      }
      floats[5 * (corner + i) + 4] = body.id;
    }
    const order = mesh.indices || Uint32Array.from({ length: count }, (_, i) => i);
    for (let i = 0; i < order.length; i++) indices[face + i] = order[i] + corner;
    if (!edgesOf.has(mesh)) edgesOf.set(mesh, CS.featureEdges(mesh.points, order));
    edgesOf.get(mesh).forEach((i) => lines.push(corner + i));
    corner += count;
    face += order.length;
  });
  return { ...group, words, indices, lines: Uint32Array.from(lines), box };
};

CS.flatNormals = function (mesh) {
  const out = new Float32Array(mesh.points.length);
  const order = mesh.indices || Uint32Array.from({ length: mesh.points.length / 3 }, (_, i) => i);
  for (let t = 0; t < order.length; t += 3) {
    const n = CS.faceNormal(mesh.points, order[t], order[t + 1], order[t + 2]);
    for (let k = 0; k < 3; k++) for (let r = 0; r < 3; r++) out[3 * order[t + k] + r] += n[r];
  }
  return out;
};

// Twice the area times the normal of a triangle.
CS.faceNormal = function (p, a, b, c) {
  const [ax, ay, az] = [p[3 * a], p[3 * a + 1], p[3 * a + 2]];
  const [ux, uy, uz] = [p[3 * b] - ax, p[3 * b + 1] - ay, p[3 * b + 2] - az];
  const [vx, vy, vz] = [p[3 * c] - ax, p[3 * c + 1] - ay, p[3 * c + 2] - az];
  return [uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx];
};

// Pairs of vertices where two faces meet at more than 35 degrees, or where a face ends.
CS.featureEdges = function (points, order) {
  const welded = CS.weld(points);
  const seen = new Map();
  const sharp = Math.cos((35 * Math.PI) / 180);
  const count = points.length / 3;
  const out = [];
  for (let t = 0; t < order.length; t += 3) {
    const n = CS.faceNormal(points, order[t], order[t + 1], order[t + 2]);
    const length = Math.hypot(...n);
    if (!length) continue;
    for (let k = 0; k < 3; k++) {
      const [a, b] = [order[t + k], order[t + ((k + 1) % 3)]];
      const [low, high] = welded[a] < welded[b] ? [welded[a], welded[b]] : [welded[b], welded[a]];
      const key = low * count + high;
      const other = seen.get(key);
      if (other === undefined) {
        seen.set(key, [n[0] / length, n[1] / length, n[2] / length, a, b]);
        continue;
      }
      seen.delete(key);
      const dot = (other[0] * n[0] + other[1] * n[1] + other[2] * n[2]) / length;
      if (dot < sharp) out.push(a, b);
    }
  }
  seen.forEach((edge) => out.push(edge[3], edge[4]));
  return out;
};

// For each vertex the first vertex at the same place.
CS.weld = function (points) {
  const count = points.length / 3;
  const at = new Map();
  const out = new Uint32Array(count);
  for (let i = 0; i < count; i++) {
    const key = `${points[3 * i]},${points[3 * i + 1]},${points[3 * i + 2]}`;
    if (!at.has(key)) at.set(key, i);
    out[i] = at.get(key);
  }
  return out;
};

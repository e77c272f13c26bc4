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
    const { points } = mesh;
    const normals = mesh.normals || CS.flatNormals(mesh);
    for (let i = 0; i < count; i++) {
      const x = points[3 * i], y = points[3 * i + 1], z = points[3 * i + 2];
      const u = normals[3 * i], v = normals[3 * i + 1], w = normals[3 * i + 2];
      const a = m[0] * u + m[4] * v + m[8] * w, b = m[1] * u + m[5] * v + m[9] * w, c = m[2] * u + m[6] * v + m[10] * w;
      const to = 127 / (Math.sqrt(a * a + b * b + c * c) || 1);
      const at = 5 * (corner + i);
      floats[at] = m[0] * x + m[4] * y + m[8] * z + m[12];
      floats[at + 1] = m[1] * x + m[5] * y + m[9] * z + m[13];
      floats[at + 2] = m[2] * x + m[6] * y + m[10] * z + m[14];
      bytes[4 * at + 12] = Math.round(a * to);
      bytes[4 * at + 13] = Math.round(b * to);
      bytes[4 * at + 14] = Math.round(c * to);
      floats[at + 4] = body.id;
      for (let r = 0; r < 3; r++) {
        if (floats[at + r] < box[r]) box[r] = floats[at + r];
        if (floats[at + r] > box[3 + r]) box[3 + r] = floats[at + r];
      }
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
    const length = Math.sqrt(n[0] * n[0] + n[1] * n[1] + n[2] * n[2]);
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

// For each vertex the first vertex at the same place: an open hash table over the coordinates' bits.
CS.weld = function (points) {
  const count = points.length / 3;
  const clean = new Float32Array(points.length);
  for (let i = 0; i < points.length; i++) clean[i] = points[i] + 0; // -0 becomes 0
  const bits = new Int32Array(clean.buffer);
  let room = 16;
  while (room < 2 * count) room *= 2;
  const table = new Int32Array(room).fill(-1);
  const out = new Uint32Array(count);
  for (let i = 0; i < count; i++) {
    const a = bits[3 * i], b = bits[3 * i + 1], c = bits[3 * i + 2];
    let slot = (Math.imul(a, 73856093) ^ Math.imul(b, 19349663) ^ Math.imul(c, 83492791));
    slot = (slot ^ (slot >>> 15)) & (room - 1);
    for (;;) {
      const j = table[slot];
      if (j < 0) {
        table[slot] = i;
        out[i] = i;
        break;
      }
      if (bits[3 * j] === a && bits[3 * j + 1] === b && bits[3 * j + 2] === c) {
        out[i] = j;
        break;
      }
      slot = (slot + 1) & (room - 1);
    }
  }
  return out;
};

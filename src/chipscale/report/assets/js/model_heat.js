// Temperatures on the model: boxes of cells as 3D textures, read at every point drawn, faces of cuts included.
CS.HEAT_PLANES = 40;
CS.HEAT_COLORS = 9;
CS.HEAT_SHADER = `
    uniform highp sampler3D cells; uniform vec4 cellsBox; uniform float planes[${CS.HEAT_PLANES}]; uniform int planesCount;
    uniform vec2 level; uniform vec3 ramp[${CS.HEAT_COLORS}]; uniform float heat;
    vec3 heated(vec3 p) {
      int k = 0;
      for (int i = 1; i < ${CS.HEAT_PLANES} - 1; i++) if (i < planesCount - 1 && p.z > planes[i]) k = i;
      float up = clamp((p.z - planes[k]) / (planes[k + 1] - planes[k]), 0.0, 1.0);
      float value = texture(cells, vec3((p.xy - cellsBox.xy) * cellsBox.zw, (float(k) + up + 0.5) / float(planesCount))).r;
      float place = clamp(level.x + level.y * value, 0.0, 1.0) * ${CS.HEAT_COLORS - 1}.0;
      int c = min(int(place), ${CS.HEAT_COLORS - 2});
      return mix(ramp[c], ramp[c + 1], place - float(c));
    }`;

// What the page holds of temperatures, unpacked; null without any.
CS.readHeat = async function () {
  const script = document.getElementById("model-heat");
  if (!script) return null;
  const heat = JSON.parse(script.textContent);
  for (const box of [heat.package, heat.board]) box.bytes = new Uint8Array(await CS.unpacked(box.levels));
  heat.ramp = heat.colors.flatMap((color) => [1, 3, 5].map((i) => parseInt(color.slice(i, i + 2), 16) / 255));
  return heat;
};

// The board near the package as one more body, under its balls.
CS.boardBody = function (box) {
  const [low, high] = [box.z[0], box.z[box.z.length - 1]];
  const points = [];
  const indices = [];
  [[0, 0], [0, 1], [1, 0], [1, 1], [2, 0], [2, 1]].forEach(([axis, side]) => {
    const [u, v] = [(axis + 1) % 3, (axis + 2) % 3];
    const first = points.length / 3;
    [[0, 0], [1, 0], [1, 1], [0, 1]].forEach(([a, b]) => {
      const corner = [0, 0, 0];
      [corner[axis], corner[u], corner[v]] = [side, a, b];
      points.push(box.x[corner[0]], box.y[corner[1]], corner[2] ? high : low);
    });
    const order = side ? [0, 1, 2, 0, 2, 3] : [0, 2, 1, 0, 3, 2];
    indices.push(...order.map((i) => first + i));
  });
  const material = { pbrMetallicRoughness: { baseColorFactor: [0.05, 0.18, 0.09, 1] } };
  return {
    mesh: { points: Float32Array.from(points), normals: null, indices: Uint32Array.from(indices), material },
    matrix: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1], name: "board", layer: "BOARD", material: "near the package", net: "",
  };
};

// Textures of the boxes, and what a shader must know to read them.
CS.HeatPainter = class {
  constructor(gl, heat) {
    this.gl = gl;
    this.heat = heat;
    this.boxes = new Map();
    if (!heat) {
      this.nothing = this.upload([1, 1, 1], new Uint8Array(1)); // a shader wants something to read even where it does not
      return;
    }
    [["package", heat.package], ["board", heat.board]].forEach(([name, box]) => {
      const planes = new Float32Array(CS.HEAT_PLANES).fill(box.z[box.z.length - 1] + 1);
      planes.set(box.z);
      const place = [box.x[0], box.y[0], 1 / (box.x[1] - box.x[0]), 1 / (box.y[1] - box.y[0])];
      this.boxes.set(name, { box, planes, place, texture: this.upload(box.cells, box.bytes) });
    });
  }

  upload(cells, bytes) {
    const gl = this.gl;
    const texture = gl.createTexture();
    gl.bindTexture(gl.TEXTURE_3D, texture);
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
    gl.texImage3D(gl.TEXTURE_3D, 0, gl.R8, ...cells, 0, gl.RED, gl.UNSIGNED_BYTE, bytes);
    [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER].forEach((name) => gl.texParameteri(gl.TEXTURE_3D, name, gl.LINEAR));
    [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T, gl.TEXTURE_WRAP_R].forEach((name) => gl.texParameteri(gl.TEXTURE_3D, name, gl.CLAMP_TO_EDGE));
    return texture;
  }

  // Set the uniforms for one layer; `scale` is the pair of temperatures at the ends of the colours, null for materials.
  use(at, layer, scale) {
    const gl = this.gl;
    gl.uniform1f(at.heat, scale ? 1 : 0);
    gl.uniform1i(at.cells, 0);
    gl.activeTexture(gl.TEXTURE0);
    if (!scale) {
      gl.bindTexture(gl.TEXTURE_3D, this.nothing || this.boxes.get("package").texture);
      return;
    }
    const { box, planes, place, texture } = this.boxes.get(layer === "BOARD" ? "board" : "package");
    const span = scale[1] - scale[0];
    gl.bindTexture(gl.TEXTURE_3D, texture);
    gl.uniform4fv(at.cellsBox, place);
    gl.uniform1fv(at["planes[0]"], planes);
    gl.uniform1i(at.planesCount, box.z.length);
    gl.uniform2f(at.level, (box.low - scale[0]) / span, (box.high - box.low) / span);
    gl.uniform3fv(at["ramp[0]"], this.heat.ramp);
  }
};

// The colour bar over the stage.
CS.heatBar = function (place, heat, box) {
  const [low, high] = box.scale;
  const marks = box.marks.map(([value, words]) => CS.el("span", { style: `bottom:${(100 * (value - low)) / (high - low)}%` }, words));
  const bar = CS.el("div", { class: "heat-colors", style: `background:linear-gradient(to top, ${heat.colors.join()})` });
  place.replaceChildren(CS.el("b", {}, "°C"), CS.el("div", { class: "heat-scale" }, bar, CS.el("div", { class: "heat-marks" }, ...marks)));
};

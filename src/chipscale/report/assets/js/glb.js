// Unpack the model on the page and read it: binary glTF 2.0 into bodies with triangles in µm, z up.
CS.unpackModel = () => CS.unpacked(document.getElementById("model-data").textContent.trim());

CS.unpacked = async function (text) {
  const raw = atob(text);
  const bytes = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
  if (typeof DecompressionStream === "undefined") throw new Error("this browser cannot unpack the model");
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).arrayBuffer();
};

CS.readGlb = function (buffer) {
  const view = new DataView(buffer);
  if (view.getUint32(0, true) !== 0x46546c67) throw new Error("not a GLB file");
  const jsonLength = view.getUint32(12, true);
  const gltf = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 20, jsonLength)));
  const binary = 28 + jsonLength;
  const types = { 5121: Uint8Array, 5123: Uint16Array, 5125: Uint32Array, 5126: Float32Array };
  const sizes = { SCALAR: 1, VEC2: 2, VEC3: 3, VEC4: 4 };
  const read = (index) => {
    const accessor = gltf.accessors[index];
    const part = gltf.bufferViews[accessor.bufferView];
    const Type = types[accessor.componentType];
    const start = binary + (part.byteOffset || 0) + (accessor.byteOffset || 0);
    const length = accessor.count * sizes[accessor.type];
    return new Type(buffer.slice(start, start + length * Type.BYTES_PER_ELEMENT));
  };
  const meshes = (gltf.meshes || []).map((mesh) => mesh.primitives.map((p) => ({
    points: read(p.attributes.POSITION),
    normals: p.attributes.NORMAL === undefined ? null : read(p.attributes.NORMAL),
    indices: p.indices === undefined ? null : read(p.indices),
    material: p.material === undefined ? {} : gltf.materials[p.material],
  })));
  const bodies = [];
  const walk = (index, parent, layer) => {
    const node = gltf.nodes[index];
    const matrix = CS.mat.multiply(parent, CS.mat.ofNode(node));
    const extras = node.extras || {};
    if (node.mesh !== undefined) {
      meshes[node.mesh].forEach((mesh) => bodies.push({
        mesh, matrix, name: extras.body || node.name || "", layer: extras.layer || layer || "model",
        material: extras.material || mesh.material.name || "", net: extras.net || "",
      }));
    }
    (node.children || []).forEach((child) => walk(child, matrix, node.name));
  };
  // glTF is in metres with y up; the viewer is in µm with z up.
  const toMicron = [1e6, 0, 0, 0, 0, 0, 1e6, 0, 0, -1e6, 0, 0, 0, 0, 0, 1];
  gltf.scenes[gltf.scene || 0].nodes.forEach((node) => walk(node, toMicron, ""));
  return bodies;
};

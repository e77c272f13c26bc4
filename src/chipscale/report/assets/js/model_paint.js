// Draw the model with WebGL2: lit faces, edges, translucent dielectrics, a cut with filled faces, and picking.
CS.SHADERS = {
  faceVertex: `#version 300 es
    layout(location=0) in vec3 place; layout(location=1) in vec3 normal; layout(location=2) in float body;
    uniform mat4 camera; uniform float zScale, lift;
    out vec3 at; out vec3 n; out vec3 body_at; flat out float id;
    void main() {
      body_at = place;
      at = vec3(place.xy, place.z * zScale + lift);
      n = vec3(normal.xy, normal.z / zScale);
      id = body;
      gl_Position = camera * vec4(at, 1.0);
    }`,
  faceFragment: `#version 300 es
    precision highp float;
    in vec3 at; in vec3 n; in vec3 body_at; flat in float id;
    uniform vec4 color, cut; uniform vec3 eye, key; uniform float chosen;
    out vec4 shown;${CS.HEAT_SHADER}
    void main() {
      if (dot(cut.xyz, at) > cut.w) discard;
      vec3 m = normalize(n);
      vec3 v = normalize(eye - at);
      if (dot(m, v) < 0.0 && !gl_FrontFacing) m = -m;
      float lit = 0.38 + 0.16 * m.z + 0.46 * max(dot(m, key), 0.0) + 0.12 * max(dot(m, v), 0.0);
      float shine = pow(max(dot(m, normalize(key + v)), 0.0), 42.0) * 0.22;
      vec3 c = pow(color.rgb, vec3(1.0 / 2.2)) * lit + shine;
      if (heat > 0.5) c = heated(body_at) * (0.72 + 0.28 * min(lit, 1.0));
      if (id == chosen) c = mix(c, vec3(0.10, 0.86, 0.95), 0.55);
      shown = vec4(c, 1.0) * color.a;
    }`,
  flatFragment: `#version 300 es
    precision highp float;
    in vec3 at; in vec3 n; flat in float id;
    uniform vec4 color, cut; uniform float pick;
    out vec4 shown;
    void main() {
      if (dot(cut.xyz, at) > cut.w + 0.001) discard;
      if (pick > 0.5) {
        float i = floor(id + 0.5);
        shown = vec4(mod(i, 256.0), mod(floor(i / 256.0), 256.0), floor(i / 65536.0), 255.0) / 255.0;
      } else shown = vec4(color.rgb, 1.0) * color.a;
    }`,
  capVertex: `#version 300 es
    layout(location=0) in vec3 place; uniform mat4 camera; out vec3 at;
    void main() { at = place; gl_Position = camera * vec4(place, 1.0); }`,
  capFragment: `#version 300 es
    precision highp float;
    in vec3 at; uniform vec4 color; uniform float zScale, lift; out vec4 shown;${CS.HEAT_SHADER}
    void main() {
      if (heat > 0.5) {
        shown = vec4(heated(vec3(at.xy, (at.z - lift) / zScale)), 1.0);
        return;
      }
      float stripe = step(0.5, fract((gl_FragCoord.x + gl_FragCoord.y) / 9.0));
      vec3 c = pow(color.rgb, vec3(1.0 / 2.2));
      shown = vec4(c * (0.90 + 0.06 * stripe), 1.0);
    }`,
};

CS.ModelPainter = class {
  constructor(canvas, groups, heat) {
    const gl = canvas.getContext("webgl2", { antialias: true, stencil: true, alpha: true, premultipliedAlpha: true });
    if (!gl) throw new Error("this browser offers no WebGL2");
    this.gl = gl;
    this.canvas = canvas;
    this.face = this.program("faceVertex", "faceFragment");
    this.flat = this.program("faceVertex", "flatFragment");
    this.cap = this.program("capVertex", "capFragment");
    this.heat = new CS.HeatPainter(gl, heat);
    this.groups = groups.map((group) => this.upload(group));
    this.quad = { vao: gl.createVertexArray(), buffer: gl.createBuffer() };
    gl.bindVertexArray(this.quad.vao);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.quad.buffer);
    gl.enableVertexAttribArray(0);
    gl.vertexAttribPointer(0, 3, gl.FLOAT, false, 12, 0);
    gl.bindVertexArray(null);
  }

  program(vertex, fragment) {
    const gl = this.gl;
    const made = gl.createProgram();
    [[gl.VERTEX_SHADER, vertex], [gl.FRAGMENT_SHADER, fragment]].forEach(([kind, name]) => {
      const shader = gl.createShader(kind);
      gl.shaderSource(shader, CS.SHADERS[name].trim());
      gl.compileShader(shader);
      if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS)) throw new Error(`${name}: ${gl.getShaderInfoLog(shader)}`);
      gl.attachShader(made, shader);
    });
    gl.linkProgram(made);
    if (!gl.getProgramParameter(made, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(made));
    const at = {};
    const count = gl.getProgramParameter(made, gl.ACTIVE_UNIFORMS);
    for (let i = 0; i < count; i++) {
      const { name } = gl.getActiveUniform(made, i);
      at[name] = gl.getUniformLocation(made, name);
    }
    return { program: made, at };
  }

  upload(group) {
    const gl = this.gl;
    const vertices = gl.createBuffer();
    gl.bindBuffer(gl.ARRAY_BUFFER, vertices);
    gl.bufferData(gl.ARRAY_BUFFER, group.words, gl.STATIC_DRAW);
    const array = (indices) => {
      const vao = gl.createVertexArray();
      gl.bindVertexArray(vao);
      gl.bindBuffer(gl.ARRAY_BUFFER, vertices);
      [[0, 3, gl.FLOAT, false, 0], [1, 3, gl.BYTE, true, 12], [2, 1, gl.FLOAT, false, 16]].forEach(([slot, size, type, norm, offset]) => {
        gl.enableVertexAttribArray(slot);
        gl.vertexAttribPointer(slot, size, type, norm, 20, offset);
      });
      gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, gl.createBuffer());
      gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, indices, gl.STATIC_DRAW);
      gl.bindVertexArray(null);
      return { vao, count: indices.length };
    };
    return { layer: group.layer, color: group.color, box: group.box, faces: array(group.indices), edges: array(group.lines) };
  }

  use(which, camera, state) {
    const { gl } = this;
    gl.useProgram(which.program);
    gl.uniformMatrix4fv(which.at.camera, false, new Float32Array(camera.matrix));
    if (which.at.zScale) gl.uniform1f(which.at.zScale, state.zScale);
    if (which.at.cut) gl.uniform4fv(which.at.cut, state.cut ? state.cut.plane : [0, 0, 0, 1]);
  }

  draw(camera, state) {
    const gl = this.gl;
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    gl.viewport(0, 0, this.canvas.width, this.canvas.height);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT | gl.STENCIL_BUFFER_BIT);
    gl.enable(gl.DEPTH_TEST);
    gl.depthFunc(gl.LEQUAL);
    const seen = this.groups.filter((group) => state.visible.has(group.layer));
    const clear = (group) => state.translucent && group.color[3] < 0.99;
    gl.disable(gl.BLEND);
    this.faces(seen.filter((group) => !clear(group)), camera, state, false);
    if (state.cut) seen.forEach((group) => this.fillCut(group, camera, state));
    if (state.edges) this.lines(seen.filter((group) => !clear(group)), camera, state, 0.36);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    gl.depthMask(false);
    this.faces(seen.filter(clear), camera, state, true);
    gl.depthMask(true);
    if (state.edges) this.lines(seen.filter(clear), camera, state, 0.3);
    gl.disable(gl.BLEND);
  }

  faces(groups, camera, state, translucent) {
    const gl = this.gl;
    this.use(this.face, camera, state);
    gl.uniform3fv(this.face.at.eye, camera.eye);
    gl.uniform3fv(this.face.at.key, camera.key);
    gl.uniform1f(this.face.at.chosen, state.chosen);
    gl.enable(gl.CULL_FACE);
    gl.cullFace(gl.BACK);
    gl.enable(gl.POLYGON_OFFSET_FILL);
    gl.polygonOffset(1, 1);
    groups.forEach((group) => {
      const [r, g, b, a] = group.color;
      gl.uniform4f(this.face.at.color, r, g, b, translucent ? a : 1);
      gl.uniform1f(this.face.at.lift, state.lift(group.layer));
      this.heat.use(this.face.at, group.layer, state.heat);
      gl.bindVertexArray(group.faces.vao);
      gl.drawElements(gl.TRIANGLES, group.faces.count, gl.UNSIGNED_INT, 0);
    });
    gl.disable(gl.POLYGON_OFFSET_FILL);
    gl.disable(gl.CULL_FACE);
  }

  lines(groups, camera, state, strength) {
    const gl = this.gl;
    this.use(this.flat, camera, state);
    gl.uniform1f(this.flat.at.pick, 0);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    groups.forEach((group) => {
      gl.uniform4f(this.flat.at.color, 0.04, 0.06, 0.09, strength);
      gl.uniform1f(this.flat.at.lift, state.lift(group.layer));
      gl.bindVertexArray(group.edges.vao);
      gl.drawElements(gl.LINES, group.edges.count, gl.UNSIGNED_INT, 0);
    });
    gl.disable(gl.BLEND);
  }

  // Closed bodies leave an odd count of faces behind a cut: count in the stencil, then fill the plane there.
  fillCut(group, camera, state) {
    const gl = this.gl;
    this.use(this.flat, camera, state);
    gl.uniform1f(this.flat.at.pick, 0);
    gl.uniform1f(this.flat.at.lift, state.lift(group.layer));
    gl.enable(gl.STENCIL_TEST);
    gl.colorMask(false, false, false, false);
    gl.depthMask(false);
    gl.disable(gl.DEPTH_TEST);
    gl.stencilFunc(gl.ALWAYS, 0, 255);
    gl.stencilOpSeparate(gl.FRONT, gl.KEEP, gl.KEEP, gl.DECR_WRAP);
    gl.stencilOpSeparate(gl.BACK, gl.KEEP, gl.KEEP, gl.INCR_WRAP);
    gl.bindVertexArray(group.faces.vao);
    gl.drawElements(gl.TRIANGLES, group.faces.count, gl.UNSIGNED_INT, 0);
    gl.colorMask(true, true, true, true);
    gl.depthMask(true);
    gl.enable(gl.DEPTH_TEST);
    gl.stencilFunc(gl.NOTEQUAL, 0, 255);
    gl.stencilOp(gl.ZERO, gl.ZERO, gl.ZERO);
    this.use(this.cap, camera, state);
    gl.uniform4fv(this.cap.at.color, group.color);
    gl.uniform1f(this.cap.at.lift, state.lift(group.layer));
    this.heat.use(this.cap.at, group.layer, state.heat);
    gl.bindVertexArray(this.quad.vao);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.quad.buffer);
    gl.bufferData(gl.ARRAY_BUFFER, new Float32Array(state.cut.quad), gl.DYNAMIC_DRAW);
    gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
    gl.disable(gl.STENCIL_TEST);
  }

  // The number of the body under a pixel of the canvas; metal is found through translucent dielectrics.
  pick(camera, state, px, py) {
    const gl = this.gl;
    if (!this.pickTarget) this.pickTarget = { frame: gl.createFramebuffer(), color: gl.createTexture(), depth: gl.createRenderbuffer(), w: 0, h: 0 };
    const target = this.pickTarget;
    gl.bindFramebuffer(gl.FRAMEBUFFER, target.frame);
    if (target.w !== this.canvas.width || target.h !== this.canvas.height) {
      [target.w, target.h] = [this.canvas.width, this.canvas.height];
      gl.bindTexture(gl.TEXTURE_2D, target.color);
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, target.w, target.h, 0, gl.RGBA, gl.UNSIGNED_BYTE, null);
      gl.bindRenderbuffer(gl.RENDERBUFFER, target.depth);
      gl.renderbufferStorage(gl.RENDERBUFFER, gl.DEPTH_COMPONENT24, target.w, target.h);
      gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, target.color, 0);
      gl.framebufferRenderbuffer(gl.FRAMEBUFFER, gl.DEPTH_ATTACHMENT, gl.RENDERBUFFER, target.depth);
    }
    const y = target.h - 1 - py;
    gl.viewport(0, 0, target.w, target.h);
    gl.enable(gl.SCISSOR_TEST);
    gl.scissor(px, y, 1, 1);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
    this.use(this.flat, camera, state);
    gl.uniform1f(this.flat.at.pick, 1);
    this.groups.filter((g) => state.visible.has(g.layer) && !(state.translucent && g.color[3] < 0.99)).forEach((group) => {
      gl.uniform1f(this.flat.at.lift, state.lift(group.layer));
      gl.bindVertexArray(group.faces.vao);
      gl.drawElements(gl.TRIANGLES, group.faces.count, gl.UNSIGNED_INT, 0);
    });
    const pixel = new Uint8Array(4);
    gl.readPixels(px, y, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, pixel);
    gl.disable(gl.SCISSOR_TEST);
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    return pixel[0] + 256 * pixel[1] + 65536 * pixel[2];
  }
};

import type { Attributes } from "graphology-types";
import type { NodeDisplayData, RenderParams } from "sigma/types";
import { NodeProgram, type ProgramInfo } from "sigma/rendering";
import { floatColor } from "sigma/utils";

/** The shapes that the shader draws, by number. Colour is never the only thing that tells kinds apart. */
export const shapeNumbers = { circle: 0, square: 1, diamond: 2, triangle: 3, hexagon: 4 } as const;
export type Shape = keyof typeof shapeNumbers;

export interface ShapeData extends NodeDisplayData {
  shape: Shape;
  /** Colour of the ring around it; none when it is the node's own. */
  ring: string;
}

// language=GLSL
const vertexShader = /* glsl */ `
attribute vec4 a_id;
attribute vec4 a_color;
attribute vec4 a_ring;
attribute vec2 a_position;
attribute float a_size;
attribute float a_shape;
uniform float u_sizeRatio;
uniform float u_pixelRatio;
uniform mat3 u_matrix;
varying vec4 v_color;
varying vec4 v_ring;
varying float v_shape;
varying float v_pixel;
const float bias = 255.0 / 254.0;
void main() {
  gl_Position = vec4((u_matrix * vec3(a_position, 1)).xy, 0, 1);
  // The point is larger than the shape by what its corners and its ring need.
  float size = a_size / u_sizeRatio * u_pixelRatio * 2.0 * 1.3;
  gl_PointSize = max(size, 2.0);
  v_pixel = 1.3 / gl_PointSize;
  v_shape = a_shape;
  #ifdef PICKING_MODE
  v_color = a_id;
  v_ring = a_id;
  #else
  v_color = a_color;
  v_ring = a_ring;
  #endif
  v_color.a *= bias;
  v_ring.a *= bias;
}`;

// Signed distances after Quilez, "2D distance functions": negative inside, 0.5 is the radius of the circle.
// language=GLSL
const fragmentShader = /* glsl */ `
precision highp float;
varying vec4 v_color;
varying vec4 v_ring;
varying float v_shape;
varying float v_pixel;
float shapeDistance(vec2 p) {
  if (v_shape < 0.5) return length(p) - 0.47;
  if (v_shape < 1.5) return max(abs(p.x), abs(p.y)) - 0.41;
  if (v_shape < 2.5) return (abs(p.x) + abs(p.y)) * 0.7071 - 0.40;
  if (v_shape < 3.5) {
    vec2 q = vec2(abs(p.x), -p.y - 0.06);
    return max(q.x * 0.866 + q.y * 0.5, -q.y) - 0.29;
  }
  vec2 q = abs(p);
  return max(q.x * 0.866 + q.y * 0.5, q.y) - 0.45;
}
void main() {
  vec2 p = (gl_PointCoord - vec2(0.5)) * 1.3;
  float d = shapeDistance(p);
  #ifdef PICKING_MODE
  if (d > 0.1) discard;
  gl_FragColor = v_color;
  #else
  float edge = v_pixel * 1.3;
  float inside = 1.0 - smoothstep(-edge, edge, d);
  float ringed = smoothstep(-edge, edge, d + max(0.11, v_pixel * 2.4));
  vec4 color = mix(v_color, v_ring, ringed);
  gl_FragColor = color * inside;
  #endif
}`;

const { UNSIGNED_BYTE, FLOAT } = WebGLRenderingContext;
const uniforms = ["u_sizeRatio", "u_pixelRatio", "u_matrix"] as const;

/** Every node as one point whose fragment shader draws its shape: one draw call for the whole graph. */
export class ShapeProgram extends NodeProgram<(typeof uniforms)[number], Attributes, Attributes, Attributes> {
  override getDefinition() {
    return {
      VERTICES: 1,
      VERTEX_SHADER_SOURCE: vertexShader,
      FRAGMENT_SHADER_SOURCE: fragmentShader,
      METHOD: WebGLRenderingContext.POINTS,
      UNIFORMS: uniforms,
      ATTRIBUTES: [
        { name: "a_position", size: 2, type: FLOAT },
        { name: "a_size", size: 1, type: FLOAT },
        { name: "a_shape", size: 1, type: FLOAT },
        { name: "a_color", size: 4, type: UNSIGNED_BYTE, normalized: true },
        { name: "a_ring", size: 4, type: UNSIGNED_BYTE, normalized: true },
        { name: "a_id", size: 4, type: UNSIGNED_BYTE, normalized: true },
      ],
    };
  }

  override processVisibleItem(nodeIndex: number, offset: number, data: NodeDisplayData): void {
    const { array } = this;
    const { shape, ring, color, x, y, size } = data as ShapeData;
    let at = offset;
    array[at++] = x;
    array[at++] = y;
    array[at++] = size;
    array[at++] = shapeNumbers[shape];
    array[at++] = floatColor(color);
    array[at++] = floatColor(ring);
    array[at++] = nodeIndex;
  }

  override setUniforms({ sizeRatio, pixelRatio, matrix }: RenderParams, { gl, uniformLocations }: ProgramInfo): void {
    gl.uniform1f(uniformLocations.u_pixelRatio!, pixelRatio);
    gl.uniform1f(uniformLocations.u_sizeRatio!, sizeRatio);
    gl.uniformMatrix3fv(uniformLocations.u_matrix!, false, matrix);
  }
}

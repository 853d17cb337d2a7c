import type { Session } from "./session";

/**
 * a^T b of two sets of rows: [widthA, widthB] row-major, the sum over rows of every product of their numbers, in F32 on the
 * model's devices. Regressions are made of it.
 */
export async function gram(session: Session, a: Float32Array, b: Float32Array, rows: number): Promise<Float32Array> {
  const [widthA, widthB] = [a.length / rows, b.length / rows];
  const { computer } = session;
  const { api } = computer.door;
  return session.computerLock.run(async () => {
    const graph = computer.graph(16, (context, parts) => {
      const turned = (name: string, width: number) =>
        api.ggml_cont(context, api.ggml_transpose(context, parts.input(name, "f32", width, rows)));
      parts.output("out", api.ggml_mul_mat(context, turned("b", widthB), turned("a", widthA)));
    });
    try {
      computer.setThreads(session.threads());
      graph.set("a", a, a.byteLength);
      graph.set("b", b, b.byteLength);
      await graph.computeAside();
      return graph.floats("out", new Float32Array(widthA * widthB));
    } finally {
      graph.close();
    }
  });
}

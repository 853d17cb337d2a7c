import type { CallContext } from "../../contract/method";
import type { LensRestProgress } from "../../contract/verbs";
import type { Session } from "./session";

/**
 * Completes the lens of a generation that has ended. The cells come as progress; a cancelled call leaves the others out.
 * Throws `badArgument` where the lens is done already or too old.
 */
export async function lensRest(
  session: Session,
  { id }: { id: string },
  { signal, progress }: CallContext<LensRestProgress>,
): Promise<{ cells: number }> {
  return { cells: await session.lensRests.take(id).rest(signal, progress) };
}

import type { Form } from "../../contract/verbs";
import { Grammar } from "../llama/sampler";
import { schemaGrammar } from "./schema";
import type { Session } from "./session";

/** The grammar of a form, ready for one reply. Throws `badArgument`. */
export function openGrammar(session: Session, form: Form): Grammar {
  const text = form.kind === "gbnf" ? form.grammar : schemaGrammar(form.schema);
  return new Grammar(session.door, session.model.vocabulary, text);
}

import type { EditUse } from "../../contract/verbs";
import type { Lab } from "./lab";

/** The lab with adapters switched on in every run that names none of its own. The weights it shows stay the untouched ones. */
export function editedLab(lab: Lab, edits: EditUse[] | undefined): Lab {
  if (!edits || edits.length === 0) return lab;
  return {
    ...lab,
    pass: (request) => lab.pass({ edits, ...request }),
    generate: (params, signal) => lab.generate({ edits, ...params }, signal),
  };
}

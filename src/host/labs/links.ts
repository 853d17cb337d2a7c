/** Where a link of the course leads: a lab, or a step of one. */
export interface LabPlace {
  id: string;
  step?: number;
}

/** `/labs/<id>` or `/labs/<id>/<step>`, the path of a link to the product; undefined for any other. */
export function labPlace(path: string): LabPlace | undefined {
  const found = /^\/labs\/([a-z][a-z-]{0,40})(?:\/([1-9]\d?))?\/?$/.exec(path);
  if (!found?.[1]) return undefined;
  return found[2] === undefined ? { id: found[1] } : { id: found[1], step: Number(found[2]) };
}

import { operatorKeys, type OperatorViewMethods } from "../../contract/operator";
import { integer, nothing, number, object, oneOf, string } from "./checks";
import { commonChecks, type Checks } from "./messageChecks";

/** Pixels: more than any page's view has. */
const place = number(0, 20_000);

/** What the browser's live view may ask for. */
export const operatorChecks: Checks<OperatorViewMethods> = {
  ...commonChecks,
  pause: nothing,
  goOn: nothing,
  takeOver: nothing,
  giveBack: nothing,
  closeBrowser: nothing,
  stop: nothing,
  pointer: object({ x: place, y: place }),
  typeText: object({ text: string(10_000) }),
  key: object({ key: oneOf(...operatorKeys) }),
  picture: object({ n: integer(1) }),
};

import type { Method } from "./method";
import type { CommonViewMethods } from "./view";

/** A lab as the list shows it. */
export interface LabEntry {
  /** Name of its page and its pictures: docs/labs/<id>.md. */
  id: string;
  number: number;
  title: string;
  done: boolean;
}

/** Event `state` of the Labs panel: always a complete snapshot. */
export interface LabsViewState {
  labs: LabEntry[];
  open: {
    id: string;
    /** The page's Markdown, in the editor's language. */
    page: string;
    /** Pictures that the page names, as addresses the view may load. */
    pictures: Record<string, string>;
    /** Steps of the lab that were run, by their number from 1. */
    ran: number[];
  } | null;
  /** The step that runs now. */
  running: number | null;
}

export interface LabsViewEvents {
  state: LabsViewState;
}

export type LabsViewMethods = CommonViewMethods & {
  openLab: Method<{ id: string }, null>;
  /** Does in the product what the step says, with everything filled in. */
  runStep: Method<{ id: string; step: number }, null>;
  markDone: Method<{ id: string; done: boolean }, null>;
};

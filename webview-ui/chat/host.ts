import type { ChatViewEvents, ChatViewMethods } from "../../src/contract/chatView";
import { getHost } from "../kit/host";

/** The chat's side of its boundary. */
export const host = getHost<ChatViewMethods, ChatViewEvents>();

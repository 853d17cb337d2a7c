import type { DirectionsViewEvents, DirectionsViewMethods } from "../../src/contract/directionsView";
import { getHost } from "../kit/host";

export const host = getHost<DirectionsViewMethods, DirectionsViewEvents>();

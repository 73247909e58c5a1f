import type { IncomingMessage } from "node:http";
import type { FailedCalls } from "../failed-call.ts";
import type { Admission } from "./admission.ts";

/** What was done for a request before the short way left it to the long way: nothing of it is done twice. */
export interface Handover {
  /** By the load shedder; false when it was not asked yet. */
  readonly wasLetIn: boolean;
  readonly admission: Admission;
  readonly failedCalls: FailedCalls;
}

const handovers = new WeakMap<IncomingMessage, Handover>();

/** Notes it for the long way. */
export function handOver(request: IncomingMessage, handover: Handover): void {
  handovers.set(request, handover);
}

/** What the short way did for a request, if it began with it. */
export function takeOver(request: IncomingMessage): Handover | undefined {
  return handovers.get(request);
}

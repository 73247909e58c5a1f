import type { IncomingMessage, ServerResponse } from "node:http";
import type { AnsweredPart, CacheState } from "../cache/policy.ts";
import type { HotAnswer, HotContext, HotProcedure, HotQuestion } from "../trpc/hot-answer.ts";
import { callKey, type FailedCall } from "../failed-call.ts";
import type { FinishedCall } from "../observability/call-record.ts";
import type { Admission } from "./admission.ts";
import { handOver } from "./handover.ts";
import { cacheStateOf, requestIdFrom } from "./headers.ts";
import { type HotRequest, HotRequestReader } from "./hot-request.ts";
import { send, sendRefusal } from "./hot-send.ts";
import { type LoadShedder, refuseOverload } from "./load-shedding.ts";
import type { Metrics } from "../observability/metrics.ts";

/** Answers a request, or leaves it to the long way. */
export type HotPath = (
  request: IncomingMessage,
  response: ServerResponse,
  longWay: () => void,
) => void;

/** What the hot path stands on. */
export interface HotPathOptions extends Pick<HotContext, "cache" | "reads" | "now"> {
  readonly procedures: readonly HotProcedure[];
  readonly batchMax: number;
  readonly shedder: LoadShedder;
  readonly metrics: Pick<Metrics, "rejected">;
  /** Counts the calls against the caller's limit; null when the token has to be checked first. */
  readonly admitAtOnce: (
    request: IncomingMessage,
    procedures: readonly string[],
  ) => Admission | null;
  /** The same with the token checked. */
  readonly admit: (request: IncomingMessage, procedures: readonly string[]) => Promise<Admission>;
  readonly isDraining: () => boolean;
  /** Told of each call that was answered here. */
  readonly onAnswer: (call: AnsweredCall) => void;
}

/** A call that went well; who and which request only where the call took more than a look. */
export type AnsweredCall = Pick<
  FinishedCall,
  "procedure" | "durationMs" | "cacheState" | "userId" | "requestId"
>;

/** What became of one question. */
interface Outcome {
  readonly answer: HotAnswer | undefined;
  /** Null when no cache was asked. */
  readonly state: CacheState | null;
  readonly durationMs: number;
  readonly failed: FailedCall | null;
}

/**
 * Makes the short way: from the URL to the bytes with nothing between that an answer does not need. Hits are given at
 * once; what is not at hand is found first, as far as the load shedder lets it.
 * Whatever is out of the ordinary, or owes the caller an error, goes the long way through tRPC, which gives the same
 * bytes for the same answers.
 */
export function createHotPath(options: HotPathOptions): HotPath {
  const { cache, reads, now, shedder, onAnswer } = options;
  const reader = new HotRequestReader(options.procedures, options.batchMax);

  async function find(question: HotQuestion, user: Admission["user"]): Promise<Outcome> {
    const beganAt = performance.now();
    const answers: AnsweredPart[] = [];
    let answer: HotAnswer | undefined;
    let failed: FailedCall | null = null;
    try {
      answer = await question.find({ cache, reads, now, user, answers });
    } catch (error) {
      failed = { error, beganAt };
    }
    const durationMs = performance.now() - beganAt;
    return { answer, state: answers[0]?.state ?? null, durationMs, failed };
  }

  async function findAll(
    request: IncomingMessage,
    response: ServerResponse,
    hot: HotRequest,
    peeked: readonly (HotAnswer | undefined)[],
    longWay: () => void,
  ): Promise<void> {
    const { paths, questions } = hot;
    const entered = shedder.enter();
    const isLetIn = typeof entered === "boolean" ? entered : await entered;
    const requestId = idOf(request);
    if (!isLetIn) {
      // Not by the long way: it is what an overloaded replica does most.
      const calls = { procedures: paths, isBatch: hot.isBatch };
      sendRefusal(response, refuseOverload(calls, requestId, options.metrics), requestId);
      return;
    }
    const admission = options.admitAtOnce(request, paths) ?? (await options.admit(request, paths));
    const failedCalls = new Map<string, FailedCall>();
    const leave = () => {
      handOver(request, { wasLetIn: true, admission, failedCalls });
      longWay();
    };
    if (!isWelcome(admission)) {
      leave();
      return;
    }
    shedder.inFlight += 1;
    const outcomes = await Promise.all(
      questions.map(async (question, place): Promise<Outcome> => {
        const answer = peeked[place];
        if (answer === undefined) return await find(question, admission.user);
        return { answer, state: "HIT", durationMs: 0, failed: null };
      }),
    );
    shedder.inFlight -= 1;
    if (response.destroyed) return;
    const answers = outcomes.flatMap(({ answer }) => answer ?? []);
    if (answers.length < outcomes.length) {
      const inputs = reader.inputsOf(request);
      outcomes.forEach(({ failed }, place) => {
        if (failed !== null) failedCalls.set(callKey(paths[place] ?? "", inputs[place]), failed);
      });
      leave();
      return;
    }
    const parts = outcomes.flatMap(({ state }) => (state === null ? [] : { state }));
    const state = cacheStateOf(parts);
    send(request, response, {
      answers,
      isBatch: hot.isBatch,
      admission,
      requestId,
      state,
      isDraining: options.isDraining(),
    });
    outcomes.forEach(({ state: cacheState, durationMs }, place) => {
      const peekedFrom = peeked[place]?.cacheName;
      if (typeof peekedFrom === "string") cache.answered(peekedFrom);
      const userId = admission.user?.id ?? null;
      onAnswer({ procedure: paths[place] ?? "", durationMs, cacheState, userId, requestId });
    });
  }

  return (request, response, longWay) => {
    const beganAt = performance.now();
    const hot = reader.read(request);
    // A stopping replica says so on the long way.
    if (hot === undefined || options.isDraining()) {
      longWay();
      return;
    }
    const { paths, questions } = hot;
    const nowMs = now().getTime();
    const peeked = questions.map((question) => question.peek(cache, nowMs));
    const whole = isWhole(peeked) ? peeked : null;
    const admission = whole && options.admitAtOnce(request, paths);
    if (whole === null || admission === null) {
      findAll(request, response, hot, peeked, longWay).catch(() => {
        if (response.headersSent) response.destroy();
        else longWay();
      });
      return;
    }
    if (!isWelcome(admission)) {
      handOver(request, { wasLetIn: false, admission, failedCalls: new Map() });
      longWay();
      return;
    }
    const requestId = idOf(request);
    send(request, response, {
      answers: whole,
      isBatch: hot.isBatch,
      admission,
      requestId,
      state: "HIT",
      isDraining: false,
    });
    const durationMs = performance.now() - beganAt;
    for (const { cacheName } of whole) if (cacheName !== null) cache.answered(cacheName);
    for (const procedure of paths) {
      onAnswer({ procedure, durationMs, cacheState: "HIT", userId: null, requestId: null });
    }
  };
}

/** Within the limit, and with a token that is good or none at all. */
function isWelcome({ verdict, refusal }: Admission): boolean {
  return verdict.allowed && refusal === null;
}

function isWhole(answers: readonly (HotAnswer | undefined)[]): answers is readonly HotAnswer[] {
  return !answers.includes(undefined);
}

function idOf({ headers }: IncomingMessage): string {
  const requestId = headers["x-request-id"];
  return requestIdFrom(typeof requestId === "string" ? requestId : undefined);
}

import { crc32 } from "node:zlib";
import type { Cache } from "../../cache/cache.ts";
import { withCache } from "../../cache/with-cache.ts";
import type { CacheEvent } from "../../db/cache-events.ts";
import { inputError } from "../../errors.ts";
import { DEFAULT_LANGUAGE, type Language, LANGUAGES } from "../../texts/language.ts";
import { text } from "../../texts/text.ts";
import { type Answer, failingCall, type FastCall, sharedAnswer } from "../../trpc/fast-query.ts";
import { sayAdditive } from "./answers.ts";
import { additiveListPolicy } from "./policies.ts";
import type { AllAdditives } from "./queries.ts";
import { AdditiveListOutput } from "./schemas.ts";

/** A snapshot as callers have it: which database, and the transaction number below which everything is shown. */
const SNAPSHOT = /^([0-9a-f]{8})-(\d{1,16})$/;

/**
 * All additives in a language, or what has changed since a snapshot that an earlier answer named. A snapshot that this
 * instance's journal does not reach back to, or of another database, gets them all.
 * Errors, of the answer: BAD_REQUEST for another language, or a text that is no snapshot; SERVICE_UNAVAILABLE.
 */
export function additiveListCall(locale: string = DEFAULT_LANGUAGE, since?: string): FastCall {
  const known = since === undefined ? null : SNAPSHOT.exec(since);
  const language = LANGUAGES.find((one) => one === locale);
  if (language === undefined) return failingCall(inputError("locale", text("language_of_list")));
  if (since !== undefined && known === null)
    return failingCall(inputError("since", text("snapshot_of_list")));
  const asked = { language, database: known?.[1] ?? "", from: Number(known?.[2] ?? Number.NaN) };
  return {
    peek(cache) {
      const entry = cache.peek(additiveListPolicy, additiveListPolicy.key(null));
      return entry === undefined ? undefined : answerOf(cache, entry.value, entry.etag, asked);
    },
    async load(context) {
      const cached = await withCache(context, additiveListPolicy, null);
      const answer = answerOf(context.cache, cached.value, cached.etag, asked);
      cached.etag = answer.etag;
      return answer;
    },
  };
}

interface Asked {
  readonly language: Language;
  readonly database: string;
  /** NaN without a snapshot. */
  readonly from: number;
}

function answerOf(cache: Cache, value: AllAdditives, etag: string, asked: Asked): Answer {
  const { databaseId, completeFrom, endedBelow } = cache.reach;
  const database = crc32(databaseId).toString(16).padStart(8, "0");
  const isOurs = asked.database === database && asked.from <= endedBelow;
  const events = isOurs ? cache.eventsFrom(asked.from) : null;
  const changed = events === null ? null : changedCodes(events, value);
  // The journal has confirmed the entry as far as it was read, so that a later change is always named.
  const shown = Math.min(Math.max(value.endedBelow, completeFrom), endedBelow);
  const variant = `${asked.language}-${shown.toString(36)}${changed === null ? "" : `-${asked.from.toString(36)}`}`;
  const make = () => {
    const rows =
      changed === null ? value.items : value.items.filter(({ code }) => changed.has(code));
    const present = new Set(rows.map(({ code }) => code));
    return AdditiveListOutput.parse({
      version: 1,
      language: asked.language,
      snapshot: `${database}-${shown}`,
      isWhole: changed === null,
      items: rows.map((row) => sayAdditive(row, asked.language)),
      removed: changed === null ? [] : [...changed].filter((code) => !present.has(code)).toSorted(),
    });
  };
  return { ...sharedAnswer(value, etag, `-${variant}`, make), cacheName: additiveListPolicy.name };
}

/** The codes that events may have changed; null: any. */
function changedCodes(
  events: readonly CacheEvent[],
  { items }: AllAdditives,
): ReadonlySet<string> | null {
  const codes = new Set<string>();
  for (const { topic, ref } of events) {
    if (topic === "additive") {
      if (ref === null) return null;
      codes.add(ref);
    } else if (topic === "source")
      for (const { dataSourceId, code } of items) if (dataSourceId === ref) codes.add(code);
  }
  return codes;
}

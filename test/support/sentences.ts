import type { Step } from "./phone-session.ts";

/** Words that English sentences cannot do without, and that neither French nor Arabic ones have. */
export const WORDS_OF_ENGLISH =
  /\b(?:the|is|are|of|and|this|that|with|which|not|by|from|for|has|have|please|more|than|must|needs?|there|says?|contains|recall)\b/i;

/**
 * Fields that hold what others wrote: names, addresses, labels, citations, what a licence asks to be told, and the
 * user's own words. Everything else that is no code, number, address or instant is a text of ours.
 */
const OF_OTHERS = new Set(
  `name names mainName otherNames brand companyName certifierName address city ingredients params
  attribution lots text phone website openingHours description category categories`.split(/\s+/),
);

/** A text of an answer. */
export interface Sentence {
  readonly step: string;
  readonly place: string;
  readonly text: string;
}

/** Everything in the answers of a session that is written for people. */
export function sentencesOf(transcript: readonly Step[]): readonly Sentence[] {
  return transcript.flatMap(({ does, answer }) =>
    textsIn(answer, "").map((found) => ({ step: does, ...found })),
  );
}

/** Whether a value is more than a code, a number, an address or an instant. */
function isWritten(value: string): boolean {
  return /\s/.test(value) && !value.startsWith("(when ");
}

function textsIn(value: unknown, place: string): Omit<Sentence, "step">[] {
  if (typeof value === "string") return isWritten(value) ? [{ place, text: value }] : [];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, one]) =>
    OF_OTHERS.has(key)
      ? []
      : textsIn(one, Array.isArray(value) ? place : place === "" ? key : `${place}.${key}`),
  );
}

import { expect, it, onTestFinished } from "vitest";
import { CATALOGUES } from "../../../src/texts/text.ts";
import { playPhoneSession } from "../../support/phone-session.ts";
import { type Sentence, sentencesOf, WORDS_OF_ENGLISH } from "../../support/sentences.ts";
import { openStack } from "../../support/stack.ts";

const OURS_IN_ENGLISH: ReadonlySet<string> = new Set(Object.values(CATALOGUES.en));

/** A citation is in whatever language it is; ours are not left in English. */
function isLeftInEnglish({ place, text }: Sentence): boolean {
  return place.endsWith("source") ? OURS_IN_ENGLISH.has(text) : WORDS_OF_ENGLISH.test(text);
}

it.each([
  ["fr", /\p{Script=Latin}/u],
  ["ar", /\p{Script=Arabic}/u],
] as const)(
  "speaks %s to a phone all the way, and nothing of English",
  async (language, script) => {
    const stack = await openStack();
    onTestFinished(() => stack.close());
    const sentences = sentencesOf(await playPhoneSession(stack, language));
    expect(sentences.filter(isLeftInEnglish)).toEqual([]);
    const ours = sentences.filter(({ place }) => !place.endsWith("source"));
    expect(ours.filter(({ text }) => !script.test(text))).toEqual([]);
    // Reviewed line by line: after a change, read what `npx vitest run <this file> --update` has written.
    const lines = sentences.map(
      ({ step, place, text }) => `${step} | ${place} | ${text.replaceAll(/\n+/g, " ⏎ ")}`,
    );
    await expect(`${[...new Set(lines)].join("\n")}\n`).toMatchFileSnapshot(
      `../../support/phone-session.${language}.transcript.txt`,
    );
  },
);

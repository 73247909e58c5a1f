const VEGAN_WORDS: ReadonlySet<string> = new Set([
  "vegan",
  "vegano",
  "vegana",
  "vegane",
  "veganes",
  "veganistisch",
  "weganski",
  "weganskie",
  "веган",
  "веганский",
]);
const NEGATIONS = /(?:^|-)(?:non?|not|nicht|kein|pas|nie|maybe)(?:-|$)/u;

/** Tells whether a label says that nothing of the product is animal: `en:vegan`, `en:the-vegan-society`. */
export function isVeganLabel(label: string): boolean {
  const name = label
    .toLowerCase()
    .replace(/^[a-z]{2,3}:/, "")
    .replace(/[\s_]+/g, "-");
  return !NEGATIONS.test(name) && name.split("-").some((word) => VEGAN_WORDS.has(word));
}

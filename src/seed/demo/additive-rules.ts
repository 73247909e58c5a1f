import type { HalalStatus, Madhab } from "../../db/tables/vocabulary.ts";

/** Who says so, for every status and ruling of the demo data. */
export const STATUS_SOURCE = "Demo data: a general rule, not a fatwa; ask a scholar you trust";

/** Why an additive has its default status, in words for people. */
export const RULES = {
  plant: "Made from plants; nothing in its usual making is objected to.",
  mineral: "A mineral or made from minerals.",
  synthetic: "Made synthetically from raw materials that are not from animals.",
  fermented: "Made by fermentation of sugars or by synthesis, usually without animal materials.",
  carrier: "From plants, algae or synthesis; some preparations use gelatine as a carrier.",
  vinegar:
    "Vinegar's own acid; schools agree that vinegar is lawful, and differ on how wine became it.",
  lecithin: "Usually from soya, sunflower or egg; other animal sources are rare.",
  wine: "Often recovered from the deposits of wine-making; a different substance from the wine.",
  fat: "Made from fats that may be vegetable or animal; without a stated origin it stays doubtful.",
  gelatine:
    "From skins and bones; lawful from fish or from cattle slaughtered by the rules, and the label seldom says.",
  bone: "From animal bones; the animal and its slaughter are seldom known.",
  insect: "A dye from cochineal insects; schools and councils differ about insects.",
  bee: "Secreted by bees, like honey.",
  shellac: "A resin secreted by lac insects; many compare it with honey and beeswax.",
  nucleotide: "Made from yeast or sugars, and also from meat or fish; the label seldom says which.",
  amino: "An amino acid by synthesis or fermentation, and also from feathers, hair or gelatine.",
  egg: "An enzyme from hen's eggs.",
  alcohol:
    "Alcohol as a carrier of flavours; opinions differ on its origin and on traces in the food.",
} as const;

/** A key of `RULES`. */
export type Rule = keyof typeof RULES;

const TRANSFORMED =
  "Complete transformation (istihala) can purify in principle; whether this process completes it is disputed.";
const NOT_TRANSFORMED =
  "Transformation is not generally held to purify it: lawful only from fish or from lawfully slaughtered animals.";

/** Where schools are generally reported to differ from each other: code, school, status, explanation. */
export const RULINGS: readonly (readonly [string, Madhab, HalalStatus, string])[] = [
  [
    "E120",
    "hanafi",
    "haram",
    "Insects are generally not held to be food, nor is what is made of their bodies.",
  ],
  [
    "E120",
    "shafii",
    "doubtful",
    "Classical texts forbid insects; some councils that follow the school allow the dye.",
  ],
  [
    "E120",
    "maliki",
    "halal",
    "Insects may be eaten when killed in a way that counts as their slaughter.",
  ],
  ["E120", "hanbali", "haram", "Insects other than locusts are generally held to be unlawful."],
  ["E441", "hanafi", "doubtful", TRANSFORMED],
  ["E441", "maliki", "doubtful", TRANSFORMED],
  ["E441", "shafii", "haram", NOT_TRANSFORMED],
  ["E441", "hanbali", "haram", NOT_TRANSFORMED],
  [
    "E542",
    "hanafi",
    "doubtful",
    "Dry bones of animals other than pigs are generally held to be pure.",
  ],
  [
    "E542",
    "maliki",
    "doubtful",
    "Reports within the school differ on bones of animals not slaughtered by the rules.",
  ],
  [
    "E542",
    "shafii",
    "haram",
    "Bones of animals not slaughtered by the rules are generally held to be impure.",
  ],
  [
    "E542",
    "hanbali",
    "haram",
    "Bones of animals not slaughtered by the rules are generally held to be impure.",
  ],
  [
    "E904",
    "hanafi",
    "doubtful",
    "Some allow it as a secretion; others treat it as a part of the insect.",
  ],
  ["E904", "shafii", "halal", "Generally allowed as a pure secretion."],
  ["E904", "maliki", "halal", "Insects themselves may be lawful, and so may what they secrete."],
  ["E904", "hanbali", "halal", "Generally allowed as a pure secretion."],
  [
    "E920",
    "hanafi",
    "doubtful",
    "Feathers are pure; what is taken from human hair is not used, out of respect.",
  ],
  [
    "E920",
    "maliki",
    "doubtful",
    "Hair and down are pure; what is taken from human hair is disputed.",
  ],
  [
    "E920",
    "shafii",
    "haram",
    "Feathers of birds not slaughtered by the rules are generally held to be impure; a synthetic one is lawful.",
  ],
  [
    "E920",
    "hanbali",
    "doubtful",
    "Hair and feathers are generally held to be pure; the origin should be known.",
  ],
  [
    "E1510",
    "hanafi",
    "doubtful",
    "Some allow non-intoxicating traces of alcohol that is not from grapes or dates.",
  ],
  [
    "E1510",
    "maliki",
    "haram",
    "What intoxicates in quantity is generally forbidden in any quantity.",
  ],
  [
    "E1510",
    "shafii",
    "haram",
    "What intoxicates in quantity is generally forbidden in any quantity.",
  ],
  [
    "E1510",
    "hanbali",
    "haram",
    "What intoxicates in quantity is generally forbidden in any quantity.",
  ],
];

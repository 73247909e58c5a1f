/** Why an additive has its default status, in words for people: general rules of this project, not fatwas. */
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

/** The rulings that schools are generally reported to hold, in words for people. */
export const SCHOOL_RULES = {
  insectsNoFood: "Insects are generally not held to be food, nor is what is made of their bodies.",
  insectsClassical:
    "Classical texts forbid insects; some councils that follow the school allow the dye.",
  insectsSlaughtered: "Insects may be eaten when killed in a way that counts as their slaughter.",
  insectsButLocusts: "Insects other than locusts are generally held to be unlawful.",
  transformed:
    "Complete transformation (istihala) can purify in principle; whether this process completes it is disputed.",
  notTransformed:
    "Transformation is not generally held to purify it: lawful only from fish or from lawfully slaughtered animals.",
  bonesPure: "Dry bones of animals other than pigs are generally held to be pure.",
  bonesReports:
    "Reports within the school differ on bones of animals not slaughtered by the rules.",
  bonesImpure: "Bones of animals not slaughtered by the rules are generally held to be impure.",
  secretionOrPart: "Some allow it as a secretion; others treat it as a part of the insect.",
  secretionPure: "Generally allowed as a pure secretion.",
  secretionOfLawful: "Insects themselves may be lawful, and so may what they secrete.",
  feathersPure: "Feathers are pure; what is taken from human hair is not used, out of respect.",
  hairPure: "Hair and down are pure; what is taken from human hair is disputed.",
  feathersImpure:
    "Feathers of birds not slaughtered by the rules are generally held to be impure; a synthetic one is lawful.",
  hairGenerally: "Hair and feathers are generally held to be pure; the origin should be known.",
  alcoholTraces: "Some allow non-intoxicating traces of alcohol that is not from grapes or dates.",
  alcoholNone: "What intoxicates in quantity is generally forbidden in any quantity.",
} as const;

/** A key of `SCHOOL_RULES`. */
export type SchoolRule = keyof typeof SCHOOL_RULES;

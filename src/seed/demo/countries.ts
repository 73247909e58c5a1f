import type { Language } from "./lexicon.ts";

type SignLanguage = readonly [language: Language, weight: number];

/** The facts that the shops of a country have in common. */
export interface Country {
  /** Languages of shop signs, with how common each is; streets have the first one's names. */
  readonly languages: readonly [SignLanguage, ...SignLanguage[]];
  /** Certifiers at work there, with how common each is; ids of `certifiers.ts`. */
  readonly certifiers: readonly (readonly [certifierId: string, weight: number])[];
  /** Share of shops that show a certificate (0–1). */
  readonly certifiedShare: number;
  /** Whether shops usually close for the Friday prayer. */
  readonly fridayBreak: boolean;
  /** Whether kitchens usually stay open past midnight. */
  readonly lateNights: boolean;
}

const secular = { fridayBreak: false, lateNights: false } as const;
const fridays = { fridayBreak: true, lateNights: true } as const;

/** Countries of the demo cities by ISO 3166-1 alpha-2 code. */
export const COUNTRIES = {
  FR: {
    ...secular,
    languages: [
      ["fr", 9],
      ["ar", 1],
    ],
    certifiers: [
      ["avs", 4],
      ["argml", 2],
      ["sfcvh", 2],
      ["achahada", 2],
    ],
    certifiedShare: 0.35,
  },
  BE: {
    ...secular,
    languages: [
      ["fr", 6],
      ["nl", 3],
      ["tr", 1],
    ],
    certifiers: [["hfce", 1]],
    certifiedShare: 0.2,
  },
  NL: {
    ...secular,
    languages: [
      ["nl", 7],
      ["tr", 2],
      ["ar", 1],
    ],
    certifiers: [
      ["hqc", 1],
      ["halal-correct", 2],
    ],
    certifiedShare: 0.25,
  },
  GB: {
    ...secular,
    languages: [["en", 1]],
    certifiers: [
      ["hmc", 3],
      ["hfa", 2],
    ],
    certifiedShare: 0.45,
  },
  DE: {
    ...secular,
    languages: [
      ["de", 6],
      ["tr", 3],
      ["ar", 1],
    ],
    certifiers: [["halal-control", 1]],
    certifiedShare: 0.15,
  },
  DK: {
    ...secular,
    languages: [
      ["da", 8],
      ["tr", 1],
      ["ar", 1],
    ],
    certifiers: [["icc-copenhagen", 1]],
    certifiedShare: 0.15,
  },
  ES: {
    ...secular,
    languages: [
      ["es", 8],
      ["ar", 2],
    ],
    certifiers: [["instituto-halal", 1]],
    certifiedShare: 0.25,
  },
  MA: {
    ...fridays,
    languages: [
      ["fr", 6],
      ["ar", 4],
    ],
    certifiers: [["imanor", 1]],
    certifiedShare: 0.2,
  },
  EG: {
    ...fridays,
    languages: [["ar", 1]],
    certifiers: [],
    certifiedShare: 0,
  },
  TR: {
    fridayBreak: false,
    lateNights: true,
    languages: [["tr", 1]],
    certifiers: [
      ["gimdes", 2],
      ["tse", 3],
    ],
    certifiedShare: 0.3,
  },
  AE: {
    ...fridays,
    languages: [
      ["en", 5],
      ["ar", 5],
    ],
    certifiers: [["moiat", 1]],
    certifiedShare: 0.4,
  },
  SA: {
    ...fridays,
    languages: [
      ["ar", 8],
      ["en", 2],
    ],
    certifiers: [["sfda-halal-center", 1]],
    certifiedShare: 0.4,
  },
  PK: {
    ...fridays,
    languages: [
      ["ur", 8],
      ["en", 2],
    ],
    certifiers: [["sanha-pakistan", 1]],
    certifiedShare: 0.15,
  },
  IN: {
    ...fridays,
    languages: [
      ["ur", 5],
      ["en", 5],
    ],
    certifiers: [
      ["jamiat-halal-trust", 1],
      ["halal-india", 1],
    ],
    certifiedShare: 0.2,
  },
  BD: {
    ...fridays,
    languages: [["bn", 1]],
    certifiers: [["islamic-foundation-bangladesh", 1]],
    certifiedShare: 0.15,
  },
  MY: {
    ...fridays,
    languages: [["ms", 1]],
    certifiers: [["jakim", 1]],
    certifiedShare: 0.6,
  },
  ID: {
    fridayBreak: true,
    lateNights: false,
    languages: [["id", 1]],
    certifiers: [
      ["bpjph", 3],
      ["lppom-mui", 1],
    ],
    certifiedShare: 0.6,
  },
  SG: {
    ...secular,
    languages: [
      ["en", 5],
      ["ms", 5],
    ],
    certifiers: [["muis", 1]],
    certifiedShare: 0.7,
  },
  JP: {
    ...secular,
    languages: [
      ["ja", 6],
      ["en", 4],
    ],
    certifiers: [
      ["japan-muslim-association", 1],
      ["naha", 1],
    ],
    certifiedShare: 0.4,
  },
  AU: {
    ...secular,
    languages: [["en", 1]],
    certifiers: [
      ["afic", 2],
      ["iccv", 1],
    ],
    certifiedShare: 0.35,
  },
  FJ: {
    ...secular,
    languages: [["en", 1]],
    certifiers: [["fiji-muslim-league", 1]],
    certifiedShare: 0.4,
  },
  CA: {
    ...secular,
    languages: [["en", 1]],
    certifiers: [
      ["hma-canada", 2],
      ["isna-canada", 1],
    ],
    certifiedShare: 0.4,
  },
  US: {
    ...secular,
    languages: [["en", 1]],
    certifiers: [
      ["hfsaa", 3],
      ["ifanca", 2],
      ["american-halal-foundation", 1],
    ],
    certifiedShare: 0.3,
  },
  BR: {
    ...secular,
    languages: [["pt", 1]],
    certifiers: [
      ["fambras", 1],
      ["cdial", 1],
    ],
    certifiedShare: 0.35,
  },
  NG: {
    ...fridays,
    languages: [["en", 1]],
    certifiers: [],
    certifiedShare: 0,
  },
  KE: {
    ...secular,
    languages: [["en", 1]],
    certifiers: [["kbhc", 1]],
    certifiedShare: 0.3,
  },
  ZA: {
    ...secular,
    languages: [["en", 1]],
    certifiers: [
      ["sanha", 2],
      ["mjc-halaal-trust", 1],
      ["niht", 1],
    ],
    certifiedShare: 0.55,
  },
} as const satisfies Record<string, Country>;

/** ISO 3166-1 alpha-2 code of a country that has demo stores. */
export type CountryCode = keyof typeof COUNTRIES;

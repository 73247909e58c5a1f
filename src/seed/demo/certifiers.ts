import type { certifiers, TrustCriterion } from "../../db/tables/certifiers.ts";

/** A row for `certifiers` with every column that the demo data sets. */
export type DemoCertifier = Required<
  Omit<typeof certifiers.$inferInsert, "createdAt" | "updatedAt">
>;

/** The criteria of the demo score and their points: 100 in all. */
const CRITERIA = {
  specification: ["published specification", 20],
  independence: ["independence from the slaughterhouse", 20],
  inspectors: ["permanent inspectors on site", 25],
  byHand: ["no mechanical slaughter", 15],
  unstunned: ["no stunning", 20],
} as const;

type Criterion = keyof typeof CRITERIA;

const GENERAL = ["specification", "independence"] as const;
const ON_SITE = [...GENERAL, "inspectors"] as const;
const TRADITIONAL = [...ON_SITE, "byHand", "unstunned"] as const;

type Body = readonly [
  id: string,
  name: string,
  country: string,
  website: string | null,
  recorded: readonly Criterion[],
  labelTags?: readonly string[],
];

const BODIES: readonly Body[] = [
  ["avs", "À Votre Service (AVS)", "FR", "https://avs.fr", TRADITIONAL, ["fr:a-votre-service"]],
  ["achahada", "Achahada", "FR", "https://www.achahada.com", TRADITIONAL],
  [
    "argml",
    "Association rituelle de la Grande Mosquée de Lyon (ARGML)",
    "FR",
    "https://argml.com",
    ON_SITE,
    ["fr:association-rituelle-de-la-grande-mosquee-de-lyon"],
  ],
  [
    "sfcvh",
    "Société française de contrôle de viande halal (SFCVH)",
    "FR",
    null,
    GENERAL,
    ["fr:societe-francaise-de-controle-de-viande-halal"],
  ],
  [
    "acmif",
    "Association culturelle des musulmans d'Île-de-France (ACMIF)",
    "FR",
    null,
    GENERAL,
    ["fr:association-culturelle-musulmane-d-ile-de-france"],
  ],
  [
    "hmc",
    "Halal Monitoring Committee (HMC)",
    "GB",
    "https://halalhmc.org",
    TRADITIONAL,
    ["en:halal-monitoring-committee"],
  ],
  [
    "hfa",
    "Halal Food Authority (HFA)",
    "GB",
    "https://www.halalfoodauthority.com",
    GENERAL,
    ["en:halal-food-authority"],
  ],
  [
    "hfce",
    "Halal Food Council of Europe (HFCE)",
    "BE",
    "https://hfce.eu",
    GENERAL,
    ["en:halal-food-council-of-europe"],
  ],
  ["halal-control", "Halal Control", "DE", "https://www.halalcontrol.de", GENERAL],
  ["hqc", "Halal Quality Control (HQC)", "NL", "https://hqc.eu", GENERAL],
  ["halal-correct", "Total Quality Halal Correct", "NL", "https://halalcorrect.com", GENERAL],
  ["icc-copenhagen", "Islamic Cultural Center Copenhagen", "DK", null, ON_SITE],
  [
    "instituto-halal",
    "Instituto Halal de Junta Islámica",
    "ES",
    "https://www.institutohalal.com",
    GENERAL,
    ["en:junta-islamica"],
  ],
  ["halal-italia", "Halal Italia", "IT", "https://www.halalitalia.org", GENERAL],
  [
    "ahc-bosnia",
    "Agencija za certificiranje halal kvalitete",
    "BA",
    "https://www.halal.ba",
    GENERAL,
  ],
  [
    "imanor",
    "Institut marocain de normalisation (IMANOR)",
    "MA",
    "https://www.imanor.gov.ma",
    GENERAL,
  ],
  ["gimdes", "GİMDES", "TR", "https://www.gimdes.org", ON_SITE],
  ["tse", "Türk Standardları Enstitüsü (TSE)", "TR", "https://www.tse.org.tr", GENERAL],
  [
    "moiat",
    "Ministry of Industry and Advanced Technology (MoIAT, formerly ESMA)",
    "AE",
    "https://moiat.gov.ae",
    GENERAL,
  ],
  ["sfda-halal-center", "Saudi Halal Center (SFDA)", "SA", "https://www.sfda.gov.sa", GENERAL],
  ["sanha-pakistan", "SANHA Halal Associates Pakistan", "PK", "https://sanha.org.pk", ON_SITE],
  ["halal-india", "Halal India", "IN", "https://halalindia.co.in", GENERAL],
  ["jamiat-halal-trust", "Jamiat Ulama-i-Hind Halal Trust", "IN", null, GENERAL],
  [
    "islamic-foundation-bangladesh",
    "Islamic Foundation Bangladesh",
    "BD",
    "https://islamicfoundation.gov.bd",
    GENERAL,
  ],
  ["hac-sri-lanka", "Halal Accreditation Council (HAC)", "LK", "https://www.hac.lk", GENERAL],
  [
    "cicot",
    "Central Islamic Council of Thailand (CICOT)",
    "TH",
    "https://www.cicot.or.th",
    GENERAL,
    ["en:the-central-islamic-committee-of-thailand"],
  ],
  ["jakim", "Jabatan Kemajuan Islam Malaysia (JAKIM)", "MY", "https://www.halal.gov.my", ON_SITE],
  [
    "bpjph",
    "Badan Penyelenggara Jaminan Produk Halal (BPJPH)",
    "ID",
    "https://bpjph.halal.go.id",
    GENERAL,
  ],
  ["lppom-mui", "LPPOM MUI", "ID", "https://halalmui.org", GENERAL],
  ["muis", "Majlis Ugama Islam Singapura (MUIS)", "SG", "https://www.muis.gov.sg", GENERAL],
  [
    "japan-muslim-association",
    "Japan Muslim Association",
    "JP",
    "https://www.muslim.or.jp",
    GENERAL,
  ],
  ["naha", "Nippon Asia Halal Association (NAHA)", "JP", null, GENERAL],
  [
    "afic",
    "Australian Federation of Islamic Councils (AFIC)",
    "AU",
    "https://afic.com.au",
    GENERAL,
  ],
  [
    "iccv",
    "Islamic Co-ordinating Council of Victoria (ICCV)",
    "AU",
    "https://iccv.com.au",
    GENERAL,
  ],
  [
    "fianz",
    "Federation of the Islamic Associations of New Zealand (FIANZ)",
    "NZ",
    "https://fianz.com",
    GENERAL,
  ],
  ["fiji-muslim-league", "Fiji Muslim League", "FJ", null, GENERAL],
  ["hma-canada", "Halal Monitoring Authority (HMA)", "CA", "https://hmacanada.org", TRADITIONAL],
  ["isna-canada", "ISNA Canada Halal Certification Agency", "CA", null, GENERAL],
  [
    "hfsaa",
    "Halal Food Standards Alliance of America (HFSAA)",
    "US",
    "https://www.hfsaa.org",
    TRADITIONAL,
  ],
  [
    "ifanca",
    "Islamic Food and Nutrition Council of America (IFANCA)",
    "US",
    "https://ifanca.org",
    GENERAL,
  ],
  ["isa-halal", "Islamic Services of America (ISA)", "US", "https://www.isahalal.com", GENERAL],
  [
    "american-halal-foundation",
    "American Halal Foundation (AHF)",
    "US",
    "https://halalfoundation.org",
    GENERAL,
  ],
  ["fambras", "FAMBRAS Halal", "BR", "https://www.fambrashalal.com.br", GENERAL],
  ["cdial", "CDIAL Halal", "BR", "https://www.cdialhalal.com.br", GENERAL],
  ["kbhc", "Kenya Bureau of Halal Certification (KBHC)", "KE", null, GENERAL],
  [
    "sanha",
    "South African National Halaal Authority (SANHA)",
    "ZA",
    "https://sanha.org.za",
    ON_SITE,
  ],
  [
    "mjc-halaal-trust",
    "Muslim Judicial Council Halaal Trust",
    "ZA",
    "https://mjchalaaltrust.co.za",
    GENERAL,
  ],
  ["niht", "National Independent Halaal Trust (NIHT)", "ZA", "https://halaal.org.za", GENERAL],
];

/**
 * Certifiers that exist: names, countries and websites are facts, a website in doubt is left out.
 * Scores and criteria are values for demonstration and no judgement of anybody; each criterion says so,
 * and one that is not met says only that the demo data does not record it.
 * Units: trust score 0–100, the sum of the points of the criteria that are met.
 */
export const DEMO_CERTIFIERS: readonly DemoCertifier[] = BODIES.map(
  ([id, name, country, website, recorded, labelTags = []]) => {
    const trustCriteria = criteria(recorded);
    return {
      id,
      name,
      country,
      website,
      trustScore: trustCriteria.reduce((sum, { met, points }) => sum + (met ? points : 0), 0),
      trustCriteria,
      labelTags: [...labelTags],
      source: "demo",
    };
  },
);

function criteria(recorded: readonly Criterion[]): TrustCriterion[] {
  return Object.entries(CRITERIA).map(([key, [criterion, points]]) => ({
    criterion: `${criterion} (demo value)`,
    met: recorded.some((one) => one === key),
    points,
  }));
}

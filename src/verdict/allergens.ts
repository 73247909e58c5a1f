import type { Allergen, SubstanceKind } from "../db/tables/vocabulary.ts";

/** How an allergen shows in a product's tags and in its list. */
export interface AllergenSigns {
  /** Allergen tags of Open Food Facts, without the language. */
  readonly tags: readonly string[];
  /** Substances of the lexicon that are the allergen, with all that descends from them. */
  readonly substances: readonly string[];
  /** All substances of this kind are the allergen. */
  readonly kind?: SubstanceKind;
}

/** Source: Regulation (EU) 1169/2011, annex II; tags as in Open Food Facts' allergens taxonomy. */
export const ALLERGEN_SIGNS: Readonly<Record<Allergen, AllergenSigns>> = {
  gluten: {
    tags: ["gluten", "wheat", "rye", "barley", "oats", "spelt", "kamut"],
    substances: [
      "en:gluten",
      "en:wheat",
      "en:rye",
      "en:barley",
      "en:oat",
      "en:malt",
      "en:spelt",
      "en:kamut",
    ],
  },
  crustaceans: { tags: ["crustaceans"], substances: ["en:crustacean"] },
  eggs: { tags: ["eggs"], substances: ["en:egg"], kind: "egg" },
  fish: { tags: ["fish"], substances: ["en:fish"], kind: "fish" },
  peanuts: { tags: ["peanuts"], substances: ["en:peanut"] },
  soybeans: { tags: ["soybeans"], substances: ["en:soya", "en:soy-sauce"] },
  milk: { tags: ["milk"], substances: ["en:milk", "en:dairy"], kind: "dairy" },
  nuts: {
    tags: ["nuts"],
    substances: [
      "en:almond",
      "en:hazelnut",
      "en:walnut",
      "en:cashew-nuts",
      "en:cashew-nut-paste",
      "en:pecan-nut",
      "en:brazil-nut",
      "en:pistachio-nuts",
      "en:macadamia-nut",
    ],
  },
  celery: { tags: ["celery"], substances: ["en:celery"] },
  mustard: {
    tags: ["mustard"],
    substances: ["en:mustard", "en:mustard-seed", "en:mustard-sauce", "en:mustard-oil"],
  },
  sesame: { tags: ["sesame-seeds", "sesame"], substances: ["en:sesame"] },
  sulphites: {
    tags: ["sulphur-dioxide-and-sulphites"],
    substances: ["en:sulphite", "en:sulphur-dioxide"],
  },
  lupin: { tags: ["lupin"], substances: ["en:lupin"] },
  molluscs: { tags: ["molluscs"], substances: ["en:mollusc"] },
};

/** The additives that are sulphites. Source: Regulation (EC) 1333/2008, annex II, part C. */
export const SULPHITES = /^E22[0-8]$/;

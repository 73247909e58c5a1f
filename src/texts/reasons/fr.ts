import type { en } from "./en.ts";

export const fr: Readonly<Record<keyof typeof en, string>> = {
  product_says: "La source du produit lui-même indique : {status} (confiance {confidence}).",
  product_says_weak:
    "La source du produit lui-même indique : {status} (confiance {confidence}), ce qui est trop peu pour s'y fier.",
  list_says_halal:
    "La liste des ingrédients dit du produit entier qu'il est halal (confiance {confidence}).",
  list_says_not_halal:
    "La liste des ingrédients dit du produit entier qu'il n'est pas halal (confiance {confidence}).",
  certified: "Certifié par {certifier} (indice de confiance : {score} sur 100).",
  certified_weak:
    "Certifié par {certifier} (indice de confiance : {score} sur 100), ce qui est trop peu pour s'y fier.",
  label_contradicted_certifier:
    "Ce qui est imprimé contredit le label : {certifier} a certifié ce produit halal.",
  label_contradicted_source:
    "Ce qui est imprimé contredit le label : la source du produit lui-même indique halal.",
  sources_conflict_certifier:
    "Les sources ne concordent pas : {certifier} a certifié ce produit halal.",
  sources_conflict_source:
    "Les sources ne concordent pas : la source du produit lui-même indique halal.",
  named: "{code} ({name})",
  form_of: "une forme de {code}",
  named_form_of: "une forme de {code}, {name}",
  additive_is: "{additive} : {status}.",
  additive_is_for_school: "{additive} : {status} selon l'école {school}.",
  additive_not_known: "Le statut de {additive} n'est pas connu.",
  additive_not_listed: "{additive} ne figure pas dans la liste des additifs.",
  school_holds: "{subject} : {status} selon l'école {school} ; {general} en général.",
  additives_halal: "Tous les additifs sont halal, ce qui ne dit rien des autres ingrédients.",
  in_store_barcode:
    "C'est un code-barres interne à un magasin : un autre magasin peut utiliser le même numéro pour autre chose, si bien qu'il ne peut pas prouver qu'un produit est halal.",
  product_not_found: "Ce produit n'est pas encore dans la base de données.",
  ingredients_unknown: "Les ingrédients de ce produit ne sont pas connus.",
  list_names: "La liste cite l'ingrédient {substance} (« {quote} ») : {status}.",
  list_names_for_school:
    "La liste cite l'ingrédient {substance} (« {quote} ») : {status} selon l'école {school}.",
  list_prints: "La liste cite « {quote} » : {status}.",
  list_prints_for_school: "La liste cite « {quote} » : {status} selon l'école {school}.",
  traces_of: "Traces possibles : {substance} (« {quote} »), {status}.",
  traces_of_for_school:
    "Traces possibles : {substance} (« {quote} »), {status} selon l'école {school}.",
  traces_printed: "Traces possibles : « {quote} », {status}.",
  traces_printed_for_school: "Traces possibles : « {quote} », {status} selon l'école {school}.",
  category_says: "La catégorie « {quote} » indique : {substance}, haram.",
  category_says_for_school:
    "La catégorie « {quote} » indique : {substance}, haram selon l'école {school}.",
  name_says: "Le nom « {quote} » indique : {substance}, haram.",
  name_says_for_school: "Le nom « {quote} » indique : {substance}, haram selon l'école {school}.",
  ingredients_clear:
    "Aucun certificat n'est connu. Tous les ingrédients de la liste sont halal par nature.",
  vegan_without_list:
    "Aucun certificat n'est connu. Un label indique végane ; les ingrédients ne sont pas connus.",
  vegan_with_list:
    "Aucun certificat n'est connu. Un label indique végane, et la liste ne cite pas d'alcool.",
  not_enough_evidence:
    "Ce que l'on sait de ce produit ne permet de conclure ni à halal ni à haram.",
  not_enough_evidence_items:
    "Ce que l'on sait de ce produit ne permet de conclure ni à halal ni à haram. Non compris, ou sans avis connu : {items}.",
  quoted: "« {text} »",
  listed: "{item}, {rest}",
  boycotted: "{company} figure sur {level} ({match}). Cela ne change pas le statut halal.",
  contains_allergen: "Contient un allergène dont vous voulez être averti : {allergen}.",
  traces_of_allergen:
    "Peut contenir des traces d'un allergène dont vous voulez être averti : {allergen}.",
  contains_avoided: "Contient {additive}, que vous évitez.",
  label_not_halal: "Un label indique que le produit n'est pas halal.",
  label_certifier: "Un label nomme le certificateur {certifier}.",
  label_halal: "Un label indique halal et ne nomme aucun certificateur connu ici.",
  report_accepted: "Corrigé par un éditeur à la suite d'un signalement.",
  stated_mark: "Porte la marque d'un certificateur.",
  stated_forbidden: "Cite du porc ou un spiritueux parmi les ingrédients.",
  stated_disputed: "Cite un ingrédient dont l'origine est discutée.",
  source_rules: "règles du verdict",
  source_none: "source non enregistrée",
  source_additives: "liste des additifs",
  source_boycott: "liste de boycott",
  source_gs1: "Spécifications générales GS1, numéros à circulation restreinte",
  source_demo: "Jeu de données de démonstration",
  source_demo_rule:
    "Données de démonstration : une règle générale, pas une fatwa ; demandez à un savant en qui vous avez confiance",
  source_editors: "Nos éditeurs",
  status_halal: "halal",
  status_haram: "haram",
  status_doubtful: "douteux",
  status_unknown: "inconnu",
  school_hanafi: "hanafite",
  school_shafii: "chaféite",
  school_maliki: "malékite",
  school_hanbali: "hanbalite",
  level_official: "une liste de boycott officielle",
  level_grassroots: "une liste de boycott militante",
  level_pressure: "une liste de boycott d'un groupe de pression",
  level_community: "une liste de boycott communautaire",
  match_company: "trouvé par son propre nom",
  match_brand: "trouvé par la marque",
  match_parent: "trouvé par la maison mère de la marque",
  match_gtin_prefix:
    "le code-barres commence par un préfixe de cette entreprise, ce qui est un indice et non une preuve",
  allergen_gluten: "gluten",
  allergen_crustaceans: "crustacés",
  allergen_eggs: "œufs",
  allergen_fish: "poisson",
  allergen_peanuts: "arachides",
  allergen_soybeans: "soja",
  allergen_milk: "lait",
  allergen_nuts: "fruits à coque",
  allergen_celery: "céleri",
  allergen_mustard: "moutarde",
  allergen_sesame: "sésame",
  allergen_sulphites: "sulfites",
  allergen_lupin: "lupin",
  allergen_molluscs: "mollusques",
};

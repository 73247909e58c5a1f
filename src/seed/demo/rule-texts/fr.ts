import type { Rule, SchoolRule } from "./en.ts";

export const RULES_FR: Readonly<Record<Rule, string>> = {
  plant: "Tiré de plantes ; rien dans sa fabrication habituelle n'est contesté.",
  mineral: "Un minéral, ou fabriqué à partir de minéraux.",
  synthetic: "Fabriqué par synthèse à partir de matières premières qui ne viennent pas d'animaux.",
  fermented:
    "Fabriqué par fermentation de sucres ou par synthèse, habituellement sans matière animale.",
  carrier:
    "Tiré de plantes, d'algues ou de synthèse ; certaines préparations utilisent la gélatine comme support.",
  vinegar:
    "L'acide propre au vinaigre ; les écoles s'accordent à dire que le vinaigre est licite et divergent sur la manière dont le vin l'est devenu.",
  lecithin:
    "Provient habituellement du soja, du tournesol ou de l'œuf ; d'autres sources animales sont rares.",
  wine: "Souvent récupéré dans les dépôts de la vinification ; une autre substance que le vin.",
  fat: "Fabriqué à partir de graisses végétales ou animales ; sans origine indiquée, il reste douteux.",
  gelatine:
    "Tiré de peaux et d'os ; licite s'il vient de poissons ou de bovins abattus selon les règles, ce que l'étiquette précise rarement.",
  bone: "Tiré d'os d'animaux ; l'animal et son abattage sont rarement connus.",
  insect:
    "Un colorant tiré de cochenilles ; les écoles et les conseils divergent au sujet des insectes.",
  bee: "Sécrété par les abeilles, comme le miel.",
  shellac:
    "Une résine sécrétée par des insectes à laque ; beaucoup la comparent au miel et à la cire d'abeille.",
  nucleotide:
    "Fabriqué à partir de levure ou de sucres, mais aussi de viande ou de poisson ; l'étiquette précise rarement lequel.",
  amino:
    "Un acide aminé obtenu par synthèse ou fermentation, mais aussi à partir de plumes, de cheveux ou de gélatine.",
  egg: "Une enzyme tirée de l'œuf de poule.",
  alcohol:
    "Alcool servant de support à des arômes ; les avis divergent sur son origine et sur ses traces dans l'aliment.",
};

export const SCHOOL_RULES_FR: Readonly<Record<SchoolRule, string>> = {
  insectsNoFood:
    "Les insectes ne sont généralement pas considérés comme un aliment, ni ce qui est fait de leur corps.",
  insectsClassical:
    "Les textes classiques interdisent les insectes ; certains conseils qui suivent l'école autorisent le colorant.",
  insectsSlaughtered:
    "Les insectes peuvent être consommés s'ils sont tués d'une manière qui vaut abattage.",
  insectsButLocusts:
    "Les insectes autres que les sauterelles sont généralement considérés comme illicites.",
  transformed:
    "La transformation complète (istihala) peut purifier en principe ; il est discuté si ce procédé l'accomplit.",
  notTransformed:
    "On ne considère généralement pas que la transformation le purifie : licite seulement s'il vient de poissons ou d'animaux abattus licitement.",
  bonesPure: "Les os secs d'animaux autres que le porc sont généralement considérés comme purs.",
  bonesReports:
    "Au sein de l'école, les avis rapportés divergent sur les os d'animaux non abattus selon les règles.",
  bonesImpure:
    "Les os d'animaux non abattus selon les règles sont généralement considérés comme impurs.",
  secretionOrPart:
    "Certains l'autorisent comme sécrétion ; d'autres la traitent comme une partie de l'insecte.",
  secretionPure: "Généralement autorisée comme sécrétion pure.",
  secretionOfLawful:
    "Les insectes eux-mêmes peuvent être licites, et donc aussi ce qu'ils sécrètent.",
  feathersPure:
    "Les plumes sont pures ; ce qui est tiré de cheveux humains n'est pas utilisé, par respect.",
  hairPure: "Les poils et le duvet sont purs ; ce qui est tiré de cheveux humains est discuté.",
  feathersImpure:
    "Les plumes d'oiseaux non abattus selon les règles sont généralement considérées comme impures ; un produit de synthèse est licite.",
  hairGenerally:
    "Les poils et les plumes sont généralement considérés comme purs ; l'origine devrait être connue.",
  alcoholTraces:
    "Certains autorisent des traces non enivrantes d'un alcool qui ne vient ni du raisin ni des dattes.",
  alcoholNone: "Ce qui enivre en grande quantité est généralement interdit en toute quantité.",
};

import { type Grammar, endingCutter } from "./grammar.ts";

/** Dutch. */
export const nl: Grammar = {
  language: "nl",
  stopWords:
    "de|het|een|van|uit|met|in|op|aan|te|tot|voor|als|bij|door|is|zijn|wordt|werd|dit|deze|die|dat|waarvan|waarin|onder|naar|over|per|ca|ten minste|tenminste|minimaal|min|bevat|bevatten|bereid met|gemaakt van|gemaakt met|op basis van|afkomstig van|afkomstig uit|verkregen uit|in wisselende verhouding|in wisselende verhoudingen|in wisselende hoeveelheden|in veranderlijke verhouding|wisselende verhouding|minder dan|totaal|waarvan|toegevoegd|toegevoegde|gr|g|mg|kg|ml|s",
  of: "van|uit",
  and: "en|of|en/of|alsmede|&",
  without: "zonder|geen|nul|zonder toegevoegde|zonder toevoeging van",
  not: "niet|non",
  freeFrom: "vrij van|bevat geen|bevatten geen|bevat noch|gegarandeerd zonder|noch",
  absent: "vrij|loos|uitgesloten",
  absentEndings: ["vrij", "vrije", "loos", "loze"],
  traces:
    "kan sporen|kan sporen van|kan|kan bevatten|kunnen sporen|sporen van|sporen|mogelijk sporen|mogelijk aanwezig|kan ook|geproduceerd in een bedrijf|gemaakt in een bedrijf|verwerkt in een bedrijf|geproduceerd in een fabriek|in een fabriek",
  tracesAfter: "kan bevatten|kunnen bevatten|sporen bevatten",
  contains: "bevat|allergenen|allergie-informatie|allergeneninformatie|allergie informatie",
  origins: {
    plant:
      "plantaardig|plantaardige|van plantaardige oorsprong|plantaardige oorsprong|vegetarisch|vegetarische|veganistisch|veganistische|vegan|niet dierlijk|niet dierlijke|planten",
    microbial: "microbieel|microbiële|microbiele|van microbiële oorsprong|microbiële oorsprong",
    synthetic: "synthetisch|synthetische|kunstmatig|kunstmatige|van synthetische oorsprong",
    mineral: "minerale oorsprong",
    fish: "visolie oorsprong|van vis",
    bovine: "runder|van rund|van het rund|rund",
    sheep: "schapen|van schaap",
    poultry: "gevogelte|kippen|kalkoenen|van kip",
    animal: "dierlijk|dierlijke|van dierlijke oorsprong|dierlijke oorsprong",
  },
  halal: "halal|halal gecertificeerd",
  notHalal: "niet halal|haram",
  places: "oorsprong|herkomst|land van herkomst|land van oorsprong",
  alcoholFree: ["ont"],
  headings:
    "ingrediënten|ingredienten|ingrediëntenlijst|ingredientenlijst|ingrediënt|samenstelling",
  abbreviations: "bijv|bv|ca|min|max|o.a|evt|incl|nr|enz|vit|a.u.b",
  hasCompounds: true,
  stem: (word) => {
    const cut = endingCutter("en|s|n|e", 4)(word);
    // A doubled consonant stands for one: noten, but vlokken and vlok.
    return /([bdfgklmnprst])\1$/.test(cut) && cut !== word
      ? cut.slice(0, -1)
      : cut.replace(/([aeou])\1(?=[^aeiou]$)/, "$1");
  },
};

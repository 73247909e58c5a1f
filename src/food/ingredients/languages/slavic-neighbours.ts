import { type Grammar, endingCutter } from "./grammar.ts";

const southSlavic = endingCutter(
  "skega|skog|imi|ega|emu|oga|omu|ima|ama|og|om|em|im|ih|a|e|i|u|o",
  4,
);
const czech = endingCutter("eho|emu|ymi|imi|ych|ich|ami|ou|ej|em|om|im|ym|a|e|i|y|u|o", 4);

/**
 * Slavic languages, in which labels beside our main languages are often printed. They have the words that turn a meaning round, because
 * without them "without pork" would be pork.
 */
export const slavicGrammars: readonly Grammar[] = [
  {
    language: "hr",
    stopWords: "od|iz|u|na|s|sa|za|je|su|do|sadrži|najmanje|udio",
    and: "i|ili|te|&",
    without: "bez|bez dodanog|bez dodanih",
    not: "nije",
    freeFrom: "ne sadrži|slobodno od",
    traces:
      "može sadržavati|može sadržavati tragove|može sadržati|tragove|u tragovima|moguća prisutnost",
    alcoholFree: ["bez"],
    headings: "sastojci|sastav",
    origins: {
      plant: "biljni|biljna|biljno|biljnog podrijetla|biljnog porijekla",
      animal: "životinjski|životinjskog podrijetla",
      microbial: "mikrobni",
    },
    contains: "sadrži|alergeni",
    halal: "halal",
    notHalal: "nije halal",
    stem: southSlavic,
  },
  {
    language: "sr",
    stopWords:
      "od|iz|u|na|s|sa|za|je|su|do|sadrži|najmanje|од|из|у|на|с|са|за|је|су|до|садржи|најмање",
    and: "i|ili|te|и|или|те|&",
    without: "bez|без|bez dodatog|без додатог",
    not: "nije|није",
    freeFrom: "ne sadrži|не садржи",
    traces:
      "može sadržati|može da sadrži|tragove|u tragovima|može sadržati tragove|može da sadrži tragove|може садржати|може да садржи|трагове|у траговима|може садржати трагове|може да садржи трагове",
    contains: "sadrži|alergeni|садржи|алергени",
    alcoholFree: ["bez", "без"],
    headings: "sastojci|sastav|састојци|састав",
    origins: {
      plant:
        "biljni|biljna|biljno|biljnog porekla|биљни|биљна|биљно|биљног порекла|vegetarijanski|vegetarijansko",
      animal: "životinjski|životinjskog porekla|животињски|животињског порекла",
      microbial: "mikrobni|mikrobiološki|микробни|микробиолошки",
      bovine: "goveđi|goveđa|говеђи|говеђа",
    },
    halal: "halal|халал",
    notHalal: "nije halal|није халал",
    stem: southSlavic,
  },
  {
    language: "sl",
    stopWords: "od|iz|v|na|s|z|za|je|so|do|vsebuje|najmanj|delež|pri|po",
    and: "in|ali|ter|&",
    without: "brez|brez dodanega|brez dodanih",
    not: "ni",
    freeFrom: "ne vsebuje|ne vsebujejo",
    traces:
      "lahko vsebuje|lahko vsebuje sledi|lahko vsebuje sledove|sledi|sledove|v sledovih|sledovi",
    contains: "vsebuje|alergeni",
    alcoholFree: ["brez"],
    headings: "sestavine|sestava",
    origins: {
      plant: "rastlinski|rastlinska|rastlinsko|rastlinskega izvora|vegetarijanski|vegetarijansko",
      animal: "živalski|živalskega izvora",
      microbial: "mikrobni|mikrobiološki|mikrobnega izvora",
      bovine: "goveji|goveja|goveje",
    },
    halal: "halal",
    notHalal: "ni halal",
    stem: southSlavic,
  },
  {
    language: "cs",
    stopWords: "z|ze|v|ve|na|s|se|do|od|pro|je|jsou|obsahuje|min|podíl|obsah",
    and: "a|nebo|i|&",
    without: "bez",
    not: "není",
    freeFrom: "neobsahuje žádné|neobsahuje|neobsahují",
    traces: "může obsahovat|mohou obsahovat|stopy|může obsahovat stopy",
    alcoholFree: ["ne", "bez"],
    headings: "složení|složky|ingredience",
    origins: {
      plant: "rostlinný|rostlinná|rostlinné|rostlinného|rostlinného původu",
      animal: "živočišný|živočišného původu",
      microbial: "mikrobiální",
    },
    contains: "obsahuje|alergeny",
    halal: "halal",
    notHalal: "není halal",
    stem: czech,
  },
  {
    language: "sk",
    stopWords: "z|zo|v|vo|na|s|so|do|od|pre|je|sú|obsahuje|min|podiel|obsah",
    and: "a|alebo|i|&",
    without: "bez",
    not: "nie",
    freeFrom: "neobsahuje|neobsahujú",
    traces: "môže obsahovať|môžu obsahovať|stopy|môže obsahovať stopy",
    alcoholFree: ["ne", "bez"],
    headings: "zloženie|zložky",
    origins: {
      plant: "rastlinný|rastlinná|rastlinné|rastlinného|rastlinného pôvodu",
      animal: "živočíšny|živočíšneho pôvodu",
      microbial: "mikrobiálny",
    },
    contains: "obsahuje|alergény",
    halal: "halal",
    notHalal: "nie je halal",
    stem: czech,
  },
  {
    language: "bg",
    stopWords:
      "от|на|в|във|с|със|за|до|е|са|по|при|съдържа|минимум|не по-малко от|съдържание|частично",
    and: "и|или|както и|&",
    of: "от",
    without: "без|без добавен|без добавена|без добавени",
    not: "не е",
    freeFrom: "не съдържа|не съдържат|свободен от",
    traces:
      "може да съдържа|може да съдържа следи|може да съдържа следи от|възможни следи|следи от|следи|възможно е да съдържа",
    contains: "съдържа|алергени",
    alcoholFree: ["без"],
    headings: "съставки|състав",
    origins: {
      plant:
        "растителен|растителна|растително|растителни|от растителен произход|с растителен произход|растителен произход|вегетариански|вегетарианска",
      animal: "животински|животинска|животинско|от животински произход|животински произход",
      microbial: "микробен|микробна|микробиален|микробиална|от микробен произход",
      synthetic: "синтетичен|синтетична|изкуствен",
      bovine: "говежди|говежда|телешки",
    },
    halal: "халал|халял",
    notHalal: "не е халал|не е халял",
    codeLetters: "е",
    stem: endingCutter("ата|ото|ите|ета|ът|ят|та|то|те|а|я|о|и|е", 4),
  },
  {
    language: "uk",
    stopWords:
      "з|із|зі|в|у|на|до|для|від|по|за|містить|не менше|масова частка|вищого|першого|ґатунку|сорту|г|кг|мл",
    and: "і|й|та|або|чи|&",
    of: "з|із",
    without: "без|без додавання",
    not: "не",
    freeFrom: "не містить|вільний від",
    traces:
      "може містити|може містити сліди|сліди|можлива наявність|можливі сліди|може містити незначну кількість|продукт може містити",
    contains: "містить|алергени",
    alcoholFree: ["без"],
    headings: "склад|інгредієнти|складники",
    origins: {
      plant:
        "рослинний|рослинна|рослинне|рослинного походження|вегетаріанський|на рослинній основі",
      animal: "тваринний|тваринного походження",
      microbial: "мікробний|мікробного походження|мікробіальний|мікробіологічний",
      synthetic: "синтетичний|штучний",
      bovine: "яловичий|яловичого походження|великої рогатої худоби",
    },
    halal: "халяль",
    notHalal: "не халяль",
    codeLetters: "е",
    stem: endingCutter(
      "ого|ому|ими|іми|ами|ями|их|им|ою|ею|ої|ии|ів|ам|ах|ом|ем|а|я|и|і|у|ю|о|е",
      4,
    ),
  },
];

import { type Grammar, endingCutter } from "./grammar.ts";

/** Italian. */
export const it: Grammar = {
  language: "it",
  stopWords:
    "il|lo|la|i|gli|le|l|un|uno|una|di|del|dello|della|dell|dei|degli|delle|d|a|al|allo|alla|all|ai|agli|alle|da|dal|dalla|dall|dai|in|nel|nella|nelle|con|su|per|tra|che|è|sono|si|questo|questa|nostro|tipo|contiene|contenente|contengono|a base di|prodotto con|ottenuto da|ottenuta da|derivato da|derivati da|derivato dal|deriva dal|in proporzione variabile|in proporzioni variabili|proporzione variabile|meno di|minimo|min|totale|di cui|pari a|provenienza|proveniente da|ricavato da|g|mg|kg|ml|gr",
  of: "di|del|della|dell|dei|degli|delle|d|da|dal",
  and: "e|ed|o|oppure|e/o|nonché|&",
  without: "senza|no|zero|nessun|nessuna|senza aggiunta di|senza l'aggiunta di",
  not: "non",
  freeFrom:
    "non contiene|non contengono|privo di|priva di|privi di|esente da|esenti da|libero da|né",
  absent: "escluso|esclusa|esclusi|assente",
  traces:
    "può contenere|possono contenere|potrebbe contenere|può contenere tracce|può contenere tracce di|può contenere traccia|puo contenere|eventuali tracce|possibili tracce|tracce di|tracce|traccia|prodotto in uno stabilimento|prodotto in un laboratorio|confezionato in uno stabilimento|lavorato in uno stabilimento|in uno stabilimento|possibile presenza|eventuale presenza",
  contains: "contiene|allergeni|informazioni allergeni",
  origins: {
    plant:
      "vegetale|vegetali|di origine vegetale|origine vegetale|vegetariano|vegetariana|vegano|vegana|non animale|di piante",
    microbial:
      "microbico|microbica|microbici|microbiche|di origine microbica|origine microbica|da fermentazione",
    synthetic:
      "sintetico|sintetica|sintetici|sintetiche|di sintesi|di origine sintetica|artificiale|artificiali",
    mineral: "di origine minerale|origine minerale",
    fish: "di origine ittica|ittico|ittica",
    bovine: "bovino|bovina|bovini|bovine|di origine bovina|vaccino|vaccina",
    sheep: "ovino|ovina|di origine ovina",
    poultry: "avicolo|avicola|di pollame",
    animal: "animale|animali|di origine animale|origine animale",
  },
  halal: "halal|certificato halal",
  notHalal: "non halal|haram",
  places: "origine|paese di origine|provenienza|origine del",
  alcoholFree: ["an", "de"],
  headings: "ingredienti|ingrediente|lista degli ingredienti|elenco ingredienti|composizione",
  abbreviations: "es|ad es|ca|min|max|vit|p.es|ecc|n|cod|i.g.p|d.o.p|dop|igp|e.s|art|vol",
  headFirst: true,
  stem: endingCutter("che|chi|ghe|ghi|ie|io|ia|a|e|i|o", 4),
};

import { type Grammar, endingCutter } from "./grammar.ts";

/** Polish. */
export const pl: Grammar = {
  language: "pl",
  stopWords:
    "z|ze|w|we|na|do|od|dla|przy|po|o|o obniżonej zawartości|jest|są|to|ten|ta|te|który|która|które|jako|oraz w tym|w tym|w postaci|na bazie|zawiera|zawierający|zawierające|otrzymany z|wyprodukowano z|w zmiennych proporcjach|w różnych proporcjach|zmiennych proporcjach|w proporcji|mniej niż|co najmniej|min|minimum|ok|około|razem|łącznie|pochodzenia|typ|typu|produkt|g|mg|kg|ml|d",
  of: "z|ze",
  and: "i|oraz|lub|albo|i/lub|a także|&",
  without: "bez|bez dodatku|bez zawartości",
  not: "nie",
  freeFrom: "nie zawiera|nie zawierają|wolny od|wolne od|wolna od|ani|bez dodatku",
  absent: "wykluczony",
  traces:
    "może zawierać|mogą zawierać|może zawierać śladowe ilości|może zawierać śladowe ilości|śladowe ilości|śladowe|możliwa obecność|możliwa zawartość|produkt może zawierać|wyprodukowano w zakładzie|w zakładzie|produkowany w zakładzie|może również zawierać",
  contains: "zawiera|alergeny|informacja o alergenach",
  origins: {
    plant:
      "roślinny|roślinna|roślinne|roślinnego|roślinnej|roślinnych|pochodzenia roślinnego|wegetariański|wegetariańska|wegańska|wegański|wegańskie|niezwierzęcy|niezwierzęcego|roślin",
    microbial:
      "mikrobiologiczny|mikrobiologiczna|mikrobiologicznego|mikrobiologicznej|pochodzenia mikrobiologicznego|mikrobiologiczne|mikrobiologicznej|mikrobiałowa",
    synthetic:
      "syntetyczny|syntetyczna|syntetyczne|syntetycznego|pochodzenia syntetycznego|sztuczny|sztuczna|sztuczne|sztucznego",
    mineral: "pochodzenia mineralnego",
    fish: "rybi|rybia|rybie|rybny|rybna|rybnego|pochodzenia rybnego",
    bovine:
      "wołowy|wołowa|wołowe|wołowego|wołowej|bydlęcy|bydlęca|bydlęce|pochodzenia wołowego|z wołowiny",
    sheep: "owczy|owcza|barani|barania",
    poultry: "drobiowy|drobiowa|drobiowe|drobiowego|drobiowej|z indyka|z kurczaka|indyczy|kurczęcy",
    animal: "zwierzęcy|zwierzęca|zwierzęce|zwierzęcego|zwierzęcej|pochodzenia zwierzęcego",
  },
  halal: "halal|certyfikat halal",
  notHalal: "nie halal|niehalal|haram",
  places: "pochodzenie|kraj pochodzenia",
  alcoholFree: ["bez", "od"],
  headings: "składniki|składnik|skład|lista składników",
  abbreviations: "np|ok|min|maks|m.in|tzw|wit|itp|itd|nr|ul|temp",
  stem: endingCutter(
    "owego|owych|owymi|owej|owym|owa|owe|owy|iego|ego|iej|ej|ych|ich|ymi|imi|ami|ach|ow|om|em|iem|ą|ie|y|a|e|i|u|o",
    4,
  ),
};

import { type Grammar, endingCutter } from "./grammar.ts";

const SUFFIXES = [
  "larindan",
  "lerinden",
  "larinin",
  "lerinin",
  "larin",
  "lerin",
  "lari",
  "leri",
  "sindan",
  "sinden",
  "sundan",
  "nindan",
  "lar",
  "ler",
  "dan",
  "den",
  "tan",
  "ten",
  "nin",
  "nun",
  "in",
  "un",
  "si",
  "su",
  "li",
  "lu",
  "i",
  "u",
] as const;

/** Turkish. Folded words have one letter for ı and i, and no ö, ü, ş, ç, ğ. */
export const tr: Grammar = {
  language: "tr",
  stopWords:
    "bir|bu|için|ile|olan|olarak|içinde|içerir|içeren|elde edilen|elde edilmiş|üretilmiş|üretilen|yapılmış|yapılan|edilmiş|katılmış|ilave edilmiş|eklenmiş|kaynaklı|kökenli|menşeli|bazlı|esaslı|en az|en çok|en fazla|az|toplam|değişen oranlarda|değişik oranlarda|oranında|oranlarda|yaklaşık|türü|tipi|ürün|ürünü|ürünleri|da|de|dir|g|gr|mg|kg|ml|adet",
  and: "ve|veya|ya da|yada|ve/veya|&",
  without: "sıfır",
  absentTakesItem: true,
  absent:
    "içermez|içermemektedir|yoktur|yok|bulunmaz|bulunmamaktadır|bulunmuyor|içermiyor|kullanılmamıştır|kullanılmaz|ilavesiz|ilave edilmemiştir|eklenmemiştir|katılmamıştır|değildir|değil|ilave edilmez|serbest",
  absentEndings: ["siz", "suz"],
  traces:
    "eser miktarda|eser miktar|iz miktarda|eser miktarlarda|eser|izleri|aynı tesiste|aynı hatta|üretim hattında|tesiste|üretildiği tesiste|üretildiği hatta",
  tracesAfter:
    "içerebilir|bulunabilir|bulundurabilir|ihtiva edebilir|içerebilmektedir|bulunabilmektedir|işlenmektedir|kullanılmaktadır|işlenen bir tesiste",
  contains: "içerir|alerjen|alerjenler|alerjen uyarısı|alerjen bilgisi|ihtiva eder",
  origins: {
    plant:
      "bitkisel|bitkisel kaynaklı|bitkisel kökenli|bitki|vejetaryen|vegan|bitki bazlı|hayvansal olmayan",
    microbial: "mikrobiyal|mikrobiyel|mikrobiyal kaynaklı|mikrobik|fermantasyon",
    synthetic: "sentetik|yapay|suni|doğala özdeş|sentetik kaynaklı",
    mineral: "mineral kaynaklı",
    fish: "balık kaynaklı",
    bovine: "sığır|sığır kaynaklı|dana|büyükbaş",
    sheep: "koyun|koyun kaynaklı|küçükbaş",
    poultry: "hindi|tavuk|piliç|kanatlı",
    animal: "hayvansal|hayvansal kaynaklı|hayvansal kökenli|hayvan",
  },
  halal:
    "helal|halal|helal sertifikalı|helal kesim|helâl|islami usullere göre kesilmiş|islami usullere göre kesim|islami usule göre kesilmiş|islami kesim",
  notHalal:
    "helal değil|helal değildir|haram|islami usullere göre kesilmiş değil|islami usullere göre kesilmiş değildir|islami usullere göre kesilmemiş|islami usullere göre kesilmemiştir|islami usullere göre kesilmemektedir|islami usule göre kesilmiş değil|islami usule göre kesilmiş değildir|islami usule göre kesilmemiş|islami usule göre kesilmemiştir|islami usule göre kesilmemektedir|islami kesim değil|islami kesim değildir|helal kesim değil|helal kesim değildir|helal sertifikalı değil|helal sertifikalı değildir",
  places: "menşe|menşei|menşe ülke",
  headings:
    "içindekiler|içindekıler|bileşenler|bileşim|içerik|malzemeler|muhteviyat|içindekiler listesi",
  abbreviations: "vb|vs|örn|min|maks|en|yak|no|tic|san|a.ş|ltd|şti",
  shorten: (word) => {
    const forms: string[] = [];
    for (const suffix of SUFFIXES) {
      if (word.length - suffix.length >= 3 && word.endsWith(suffix)) {
        const form = word.slice(0, -suffix.length);
        forms.push(form);
        // A final k softens before a vowel: ekmek, ekmeği.
        if (/^[iu]/.test(suffix) && form.endsWith("g")) forms.push(`${form.slice(0, -1)}k`);
        if (/^[iu]/.test(suffix) && form.endsWith("b")) forms.push(`${form.slice(0, -1)}p`);
      }
    }
    return forms;
  },
  stem: endingCutter("larinin|lerinin|larin|lerin|lari|leri|lar|ler", 4),
};

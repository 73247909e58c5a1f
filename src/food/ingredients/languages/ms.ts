import type { Grammar } from "./grammar.ts";

/** Malay. */
export const ms: Grammar = {
  language: "ms",
  stopWords:
    "yang|di|ke|dari|daripada|dengan|untuk|pada|dalam|ini|itu|adalah|ialah|sebagai|oleh|telah|diperbuat daripada|dibuat daripada|berasal daripada|diperoleh daripada|mengandungi|kurang daripada|tidak kurang daripada|minimum|maksimum|lebih kurang|jenis|produk|bahan|yang dibenarkan|dibenarkan|dibenarkan sebagai|sebagai bahan|kondisioner makanan|mengandungi bahan|semua bahan tambahan|g|gm|mg|kg|ml",
  of: "dari|daripada",
  and: "dan|atau|dan/atau|serta|&",
  without: "tanpa|sifar|no|tiada|tanpa tambahan",
  not: "bukan|non|tidak",
  freeFrom:
    "tidak mengandungi|bebas daripada|bebas dari|bebas|tiada|tidak menggunakan|mahupun|no pork no lard",
  absent: "tiada",
  traces:
    "mungkin mengandungi|boleh mengandungi|mungkin mengandungi kesan|kesan|dihasilkan di kilang|dikilangkan di|diproses di kilang|dihasilkan menggunakan peralatan|diproses menggunakan peralatan|mengandungi kesan",
  contains: "mengandungi|alergen|maklumat alergen|maklumat alahan",
  origins: {
    plant:
      "tumbuhan|sayuran|dari tumbuhan|daripada tumbuhan|sumber tumbuhan|nabati|vegetarian|vegan|bukan haiwan",
    microbial: "mikrob|mikrobial|mikroba|sumber mikrob",
    synthetic: "sintetik|tiruan|buatan|seakan asli|serupa asli",
    fish: "daripada ikan|sumber ikan",
    bovine: "lembu|daripada lembu|sapi|sumber lembu|kerbau",
    sheep: "kambing|biri-biri",
    poultry: "ayam|ayam belanda|itik|unggas",
    animal: "haiwan|sumber haiwan|daripada haiwan|dari sumber haiwan|binatang",
  },
  halal:
    "halal|disahkan halal|sijil halal|disembelih mengikut syarak|disembelih mengikut hukum syarak|disembelih secara islam|disembelih secara halal|sembelihan halal",
  notHalal:
    "tidak halal|bukan halal|non halal|haram|tidak disembelih|bukan disembelih|bukan sembelihan halal|bukan sembelihan islam",
  places: "negara asal|buatan",
  headings:
    "ramuan|kandungan|bahan-bahan|bahan bahan|ramuan-ramuan|senarai ramuan|bahan ramuan|komposisi",
  abbreviations: "no|mak|min|dll|sdn|bhd",
  headFirst: true,
};

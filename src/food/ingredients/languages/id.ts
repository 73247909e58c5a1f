import type { Grammar } from "./grammar.ts";

/** Indonesian. */
export const id: Grammar = {
  language: "id",
  stopWords:
    "dan lain-lain|yang|di|ke|dari|dengan|untuk|pada|dalam|ini|itu|adalah|sebagai|oleh|telah|terbuat dari|dibuat dari|berasal dari|diperoleh dari|mengandung|berisi|kurang dari|minimal|maksimal|sekitar|jenis|tipe|komponen|serta|produk|lihat|bahan|bahan tambahan pangan|btp|ins|cl|ci|no|g|gr|mg|kg|ml",
  of: "dari",
  and: "dan|atau|dan/atau|serta|&",
  without: "tanpa|nol|no|tanpa tambahan",
  not: "bukan|non|tidak",
  freeFrom:
    "tidak mengandung|bebas dari|bebas|tanpa mengandung|tidak menggunakan|maupun|no pork no lard",
  absent: "tidak ada",
  traces:
    "mungkin mengandung|dapat mengandung|mungkin mengandung jejak|diproduksi menggunakan peralatan|diproduksi dengan peralatan|diproduksi menggunakan alat|jejak|diproduksi di pabrik|diproduksi di fasilitas|diproses menggunakan peralatan|menggunakan peralatan yang sama|bisa mengandung|diproduksi pada lini",
  contains:
    "mengandung|mengandung alergen|mengandung bahan alergen|alergen|lihat daftar bahan yang dicetak tebal",
  origins: {
    plant:
      "nabati|tumbuhan|dari tumbuhan|tanaman|vegetarian|vegan|asal nabati|non hewani|bukan hewani|bersumber nabati",
    microbial: "mikroba|mikrobial|mikrobia|fermentasi mikroba",
    synthetic: "sintetis|sintetik|buatan|artifisial|identik alami|identik dengan alami",
    fish: "dari ikan",
    bovine: "sapi|dari sapi|lembu",
    sheep: "domba|kambing",
    poultry: "ayam|kalkun|unggas",
    animal: "hewani|hewan|asal hewani",
  },
  halal:
    "halal|bersertifikat halal|sertifikat halal|disembelih secara islam|disembelih secara islami|disembelih secara halal|disembelih sesuai syariat islam|disembelih menurut syariat islam",
  notHalal:
    "tidak halal|non halal|nonhalal|haram|mengandung babi|tidak disembelih|bukan disembelih|belum disembelih|bukan sembelihan halal",
  places: "negara asal",
  headings: "komposisi|bahan-bahan|bahan bahan|daftar bahan|bahan baku|komposisi bahan",
  abbreviations: "no|maks|min|dll|dsb|pt|jl",
  headFirst: true,
};

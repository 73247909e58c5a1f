import type { Lexicon } from "./lexicon.ts";

/** Arabic words for demo shops, with marks and letter forms that a search has to forgive. */
export const ARABIC: Lexicon = {
  words: [
    "البركة",
    "الواحة",
    "النخيل",
    "الأندلس",
    "الهلال",
    "المدينة",
    "الأصالة",
    "القافلة",
    "الزيتونة",
    "اللُّؤلؤة",
  ],
  people: ["أحمد", "فاطمة", "إبراهيم", "مريم", "يوسف", "آمنة", "خالد"],
  names: {
    supermarket: ["أسواق {w}", "سوبرماركت {w}", "بقالة {p}"],
    butcher: ["ملحمة {w}", "جزارة {p}"],
    restaurant: ["مطعم {w}", "مشاوي {p}", "كشري {w}", "مطبخ {w}", "شاورما {w}"],
    bakery: ["مخبز {w}", "حلويات {p}"],
    abattoir: ["مسلخ {w}"],
    wholesaler: ["{w} للجملة"],
    online: ["{w} أونلاين"],
    other: ["عصائر {w}", "محمصة {p}"],
  },
  streets: [
    "شارع السوق",
    "شارع المحطة",
    "شارع النخيل",
    "شارع السلام",
    "طريق المدرسة",
    "شارع البستان",
  ],
  address: "{n} {s}",
  descriptions: ["أطباق طازجة كل يوم في {c}.", "محل عائلي وتوصيل داخل {c}."],
};

/** Turkish words for demo shops. */
export const TURKISH: Lexicon = {
  words: ["Hilâl", "Zeytin", "Çınar", "Güneş", "Boğaz", "İpek", "Nar", "Şafak"],
  people: ["Ayşe", "İsmail", "Emine", "Yusuf", "Zeynep", "Ömer"],
  names: {
    supermarket: ["{w} Market", "{p} Gıda"],
    butcher: ["{w} Kasabı", "Kasap {p}"],
    restaurant: ["{w} Lokantası", "{w} Kebap", "{p} Usta", "{w} Pide", "{w} Sofrası"],
    bakery: ["{w} Fırını", "{p} Pastanesi"],
    abattoir: ["{w} Kesimhanesi"],
    wholesaler: ["{w} Toptan"],
    online: ["{w} Kapıda"],
    other: ["{w} Şarküteri", "{p} Kuruyemiş"],
  },
  streets: ["İstasyon Caddesi", "Çarşı Sokak", "Değirmen Sokak", "Okul Caddesi", "Bahçe Sokak"],
  address: "{s} No: {n}",
  descriptions: ["{c} içinde aile işletmesi.", "Her gün taze, {c} içine servis."],
};

/** Romanised Urdu and Hindi words for demo shops. */
export const URDU: Lexicon = {
  words: ["Noor", "Chaman", "Shalimar", "Gulistan", "Mehfil", "Sitara", "Zafran", "Darbar"],
  people: ["Nasir", "Rukhsana", "Shahid", "Parveen", "Waseem", "Shabana"],
  names: {
    supermarket: ["{w} Mart", "{p} General Store"],
    butcher: ["{w} Gosht Shop", "{p} Meat Shop"],
    restaurant: ["{w} Biryani", "{w} Karahi", "{p} Nihari House", "{w} Dhaba", "{w} Tikka"],
    bakery: ["{w} Bakers", "{p} Sweets"],
    abattoir: ["{w} Mazbah"],
    wholesaler: ["{w} Traders"],
    online: ["{w} Online"],
    other: ["{w} Juice Corner", "{p} Kulfi"],
  },
  streets: [
    "Bazaar Road",
    "Masjid Street",
    "Station Road",
    "Bagh Road",
    "School Lane",
    "Mandi Road",
  ],
  address: "{s} {n}",
  descriptions: ["A family place in {c}.", "Fresh daily, delivery in {c}."],
};

/** Bengali words for demo shops. */
export const BENGALI: Lexicon = {
  words: ["পদ্মা", "শাপলা", "সোনালী", "নূর", "মেঘনা", "তারা"],
  people: ["রহিম", "সালমা", "করিম", "নাসরিন"],
  names: {
    supermarket: ["{w} সুপার শপ", "{p} স্টোর"],
    butcher: ["{w} মাংস বিতান", "{p} মাংসের দোকান"],
    restaurant: ["{w} রেস্তোরাঁ", "{w} বিরিয়ানি", "{p} হোটেল", "{w} কাবাব ঘর"],
    bakery: ["{w} বেকারি", "{p} মিষ্টান্ন"],
    abattoir: ["{w} জবাইখানা"],
    wholesaler: ["{w} ট্রেডার্স"],
    online: ["{w} অনলাইন"],
    other: ["{w} জুস বার", "{p} চা ঘর"],
  },
  streets: ["স্টেশন রোড", "বাজার রোড", "মসজিদ রোড", "স্কুল রোড"],
  address: "{n} {s}",
  descriptions: ["{c} শহরের পারিবারিক দোকান।"],
};

/** Malay words for demo shops. */
export const MALAY: Lexicon = {
  words: ["Cahaya", "Bulan Sabit", "Pandan", "Melati", "Selera", "Kenanga", "Warisan"],
  people: ["Aminah", "Rahman", "Siti", "Hafiz", "Zainal", "Nurul"],
  names: {
    supermarket: ["Pasar Raya {w}", "Kedai Runcit {p}"],
    butcher: ["Kedai Daging {w}", "Ayam Segar {p}"],
    restaurant: ["Restoran {w}", "Warung {p}", "Nasi Kandar {w}", "Satay {w}", "Dapur {p}"],
    bakery: ["Roti {w}", "Kek {p}"],
    abattoir: ["Rumah Sembelih {w}"],
    wholesaler: ["Pemborong {w}"],
    online: ["{w} Ekspres"],
    other: ["Kopitiam {w}", "Cendol {p}"],
  },
  streets: ["Jalan Pasar", "Jalan Melur", "Jalan Stesen", "Lorong Damai", "Jalan Sekolah"],
  address: "{n}, {s}",
  descriptions: ["Masakan kampung di {c}.", "Perniagaan keluarga di {c}."],
};

/** Indonesian words for demo shops. */
export const INDONESIAN: Lexicon = {
  words: ["Berkah", "Sari Laut", "Melati", "Nusantara", "Cahaya", "Rempah", "Maju Jaya"],
  people: ["Dewi", "Agus", "Rina", "Budi", "Sri", "Joko"],
  names: {
    supermarket: ["Swalayan {w}", "Toko {p}"],
    butcher: ["Daging Segar {w}", "Ayam Potong {p}"],
    restaurant: ["Rumah Makan {w}", "Warung Bu {p}", "Sate {w}", "Soto {w}", "Bakso {w}"],
    bakery: ["Roti {w}", "Kue Bu {p}"],
    abattoir: ["Rumah Potong {w}"],
    wholesaler: ["Grosir {w}"],
    online: ["{w} Daring"],
    other: ["Kedai Kopi {w}", "Es {p}"],
  },
  streets: ["Jalan Melati", "Jalan Pasar", "Jalan Stasiun", "Jalan Kenanga", "Gang Damai"],
  address: "{s} No. {n}",
  descriptions: ["Masakan rumahan di {c}.", "Usaha keluarga, antar ke seluruh {c}."],
};

/** Japanese words for demo shops. */
export const JAPANESE: Lexicon = {
  words: ["三日月", "オアシス", "サフラン", "ナツメ", "シルクロード"],
  people: ["アリ", "ファティマ", "ハサン"],
  names: {
    supermarket: ["{w}ハラールマート"],
    butcher: ["{w}精肉店"],
    restaurant: ["ハラールラーメン{w}", "{w}ケバブ", "カレーハウス{p}"],
    bakery: ["ベーカリー{w}"],
    abattoir: ["{w}食肉センター"],
    wholesaler: ["{w}フーズ卸"],
    online: ["{w}オンライン"],
    other: ["{w}食材店"],
  },
  streets: ["中央", "本町", "駅前", "栄町"],
  address: "{s}{n}",
  descriptions: ["{c}のハラール専門店。"],
};

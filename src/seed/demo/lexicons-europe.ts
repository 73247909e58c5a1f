import type { Lexicon } from "./lexicon.ts";

/** French words for demo shops. */
export const FRENCH: Lexicon = {
  words: [
    "Médina",
    "Atlas",
    "Cèdre",
    "Palmier",
    "Olivier",
    "Croissant",
    "Delta",
    "Saphir",
    "Caravane",
    "Oasis",
  ],
  people: ["Samir", "Nadia", "Karim", "Yasmine", "Moussa", "Aïcha", "Bilal", "Fatou"],
  names: {
    supermarket: ["Marché {w}", "Supermarché {w}", "Halle {w}"],
    butcher: ["Boucherie {w}", "Boucherie chez {p}", "Boucherie-volaillerie {w}"],
    restaurant: [
      "Chez {p}",
      "Grill {w}",
      "Le Couscous de {p}",
      "Restaurant {w}",
      "Tacos {w}",
      "La Table {w}",
    ],
    bakery: ["Boulangerie {w}", "Pâtisserie {w}", "Les Délices de {p}"],
    abattoir: ["Abattoir {w}"],
    wholesaler: ["{w} Distribution", "Grossiste {w}"],
    online: ["{w} à domicile", "Panier {w}"],
    other: ["Épicerie {w}", "Crémerie de {p}", "Traiteur {w}"],
  },
  streets: [
    "Rue de la Gare",
    "Rue du Moulin",
    "Avenue de la République",
    "Rue des Écoles",
    "Boulevard du Marché",
    "Place de l'Église",
    "Rue du Four",
    "Rue de la Fontaine",
  ],
  address: "{n} {s}",
  descriptions: [
    "Viandes et produits halal au cœur de {c}.",
    "Maison familiale, livraison dans {c}.",
    "Cuisine du jour et plats à emporter.",
  ],
};

/** English words for demo shops. */
export const ENGLISH: Lexicon = {
  words: [
    "Crescent",
    "Cedar",
    "Saffron",
    "Olive Tree",
    "Oasis",
    "Lantern",
    "Palm",
    "Indus",
    "Anatolia",
    "Zaytuna",
    "Harbour",
    "Orchard",
  ],
  people: ["Hamza", "Amina", "Yusuf", "Maryam", "Imran", "Zainab", "Idris", "Safiya"],
  names: {
    supermarket: ["{w} Supermarket", "{w} Foods", "{w} Cash & Carry"],
    butcher: ["{w} Halal Meats", "{p}'s Butchers", "{w} Meat & Poultry"],
    restaurant: [
      "{w} Grill",
      "{p}'s Kitchen",
      "{w} Peri Peri",
      "{w} Kebab House",
      "{w} Biryani",
      "Café {w}",
    ],
    bakery: ["{w} Bakery", "{p}'s Sweets", "{w} Pastries"],
    abattoir: ["{w} Abattoir"],
    wholesaler: ["{w} Wholesale", "{w} Catering Supplies"],
    online: ["{w} Direct", "{w} Box"],
    other: ["{w} Deli", "{p}'s Corner Shop", "{w} Ice Cream"],
  },
  streets: [
    "High Street",
    "Station Road",
    "Market Street",
    "Mill Lane",
    "Church Road",
    "Victoria Street",
    "Park Avenue",
    "Queen's Road",
  ],
  address: "{n} {s}",
  descriptions: [
    "Family-run halal shop in {c}.",
    "Fresh every morning; delivery across {c}.",
    "Eat in or take away.",
  ],
};

/** German words for demo shops. */
export const GERMAN: Lexicon = {
  words: ["Zeder", "Olive", "Halbmond", "Safran", "Oase", "Basar", "Levante", "Granatapfel"],
  people: ["Mehmet", "Leyla", "Omar", "Hatice", "Rashid", "Selma"],
  names: {
    supermarket: ["{w} Markt", "Lebensmittel {p}"],
    butcher: ["Metzgerei {w}", "Fleischerei {p}"],
    restaurant: ["{w} Grill", "Restaurant {w}", "Imbiss bei {p}", "{w} Döner"],
    bakery: ["Bäckerei {w}", "Konditorei {p}"],
    abattoir: ["Schlachthof {w}"],
    wholesaler: ["{w} Großhandel"],
    online: ["{w} Lieferdienst"],
    other: ["Feinkost {w}", "Kiosk {p}"],
  },
  streets: [
    "Hauptstraße",
    "Bahnhofstraße",
    "Gartenstraße",
    "Schulstraße",
    "Marktplatz",
    "Lindenallee",
  ],
  address: "{s} {n}",
  descriptions: ["Halal-Spezialitäten mitten in {c}.", "Familienbetrieb mit Lieferung in {c}."],
};

/** Danish words for demo shops. */
export const DANISH: Lexicon = {
  words: ["Oliven", "Halvmåne", "Cedertræ", "Oase", "Basar", "Safran", "Granatæble"],
  people: ["Ahmad", "Sara", "Nabil", "Mona", "Jamal", "Lina"],
  names: {
    supermarket: ["{w} Marked", "{p}s Supermarked"],
    butcher: ["Slagter {p}", "{w} Slagteren"],
    restaurant: ["{w} Grill", "Restaurant {w}", "{p}s Shawarma", "Café {w}"],
    bakery: ["{w} Bageri", "{p}s Konditori"],
    abattoir: ["{w} Slagteri"],
    wholesaler: ["{w} Engros"],
    online: ["{w} Levering"],
    other: ["{w} Kiosk", "{p}s Grønt"],
  },
  streets: ["Stationsvej", "Skolegade", "Møllevej", "Torvet", "Søndergade", "Kirkestræde"],
  address: "{s} {n}",
  descriptions: ["Halal i hjertet af {c}.", "Familieejet, leverer i hele {c}."],
};

/** Dutch words for demo shops. */
export const DUTCH: Lexicon = {
  words: ["Olijf", "Halve Maan", "Ceder", "Oase", "Saffraan", "Karavaan", "Dadel"],
  people: ["Rachid", "Samira", "Hassan", "Naima", "Emre", "Farida"],
  names: {
    supermarket: ["Supermarkt {w}", "Versmarkt {p}"],
    butcher: ["Slagerij {w}", "Slagerij {p}"],
    restaurant: ["Grillhuis {w}", "Eethuis {p}", "Restaurant De {w}"],
    bakery: ["Bakkerij {w}", "Banketbakker {p}"],
    abattoir: ["Slachthuis {w}"],
    wholesaler: ["Groothandel {w}"],
    online: ["{w} Bezorgd"],
    other: ["Toko {w}", "Delicatessen {p}"],
  },
  streets: [
    "Stationsstraat",
    "Kerkstraat",
    "Molenweg",
    "Schoolstraat",
    "Marktplein",
    "Dorpsstraat",
  ],
  address: "{s} {n}",
  descriptions: ["Halal winkel in {c}.", "Elke dag vers, bezorging in {c}."],
};

/** Spanish words for demo shops. */
export const SPANISH: Lexicon = {
  words: ["Alhaja", "Olivo", "Media Luna", "Cedro", "Oasis", "Azafrán", "Caravana"],
  people: ["Nuria", "Tarik", "Laila", "Said", "Amira", "Yunes"],
  names: {
    supermarket: ["Supermercado {w}", "Alimentación {p}"],
    butcher: ["Carnicería {w}", "Carnicería {p}"],
    restaurant: ["Restaurante {w}", "Casa {p}", "Kebab {w}", "Tetería {w}"],
    bakery: ["Panadería {w}", "Dulces de {p}"],
    abattoir: ["Matadero {w}"],
    wholesaler: ["Mayorista {w}"],
    online: ["{w} a domicilio"],
    other: ["Ultramarinos {w}", "Bazar {p}"],
  },
  streets: [
    "Calle Mayor",
    "Calle del Molino",
    "Avenida de la Estación",
    "Plaza del Mercado",
    "Calle de las Flores",
  ],
  address: "{s}, {n}",
  descriptions: ["Productos halal en {c}.", "Negocio familiar en {c}."],
};

/** Portuguese words for demo shops. */
export const PORTUGUESE: Lexicon = {
  words: ["Oliveira", "Meia-Lua", "Cedro", "Oásis", "Açafrão", "Tâmara", "Levante"],
  people: ["Youssef", "Leila", "Ibrahim", "Samira", "Khalil", "Nádia"],
  names: {
    supermarket: ["Mercado {w}", "Empório {p}"],
    butcher: ["Açougue {w}", "Casa de Carnes {p}"],
    restaurant: ["Restaurante {w}", "Cantina do {p}", "Esfiharia {w}", "Churrasco {w}"],
    bakery: ["Padaria {w}", "Doces da {p}"],
    abattoir: ["Abatedouro {w}"],
    wholesaler: ["Atacado {w}"],
    online: ["{w} em casa"],
    other: ["Mercearia {w}", "Quitanda {p}"],
  },
  streets: [
    "Rua da Estação",
    "Rua das Flores",
    "Avenida do Mercado",
    "Rua do Moinho",
    "Travessa da Paz",
  ],
  address: "{s}, {n}",
  descriptions: ["Produtos halal em {c}.", "Casa de família, entrega em {c}."],
};

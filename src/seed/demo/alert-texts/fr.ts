import type { AlertText } from "../../../db/tables/alerts.ts";

/** The demo alerts in French. */
export const DEMO_ALERTS_FR: {
  readonly isInvented: string;
  readonly texts: Record<string, AlertText>;
} = {
  isInvented: "Ceci est une donnée de démonstration : le produit et l'événement sont inventés.",
  texts: {
    "gumdrolls-gelatine": {
      title: "Rappel : bonbons gélifiés aux fruits Gumdrolls",
      summary:
        "La gélatine de l'étiquette est censée provenir de poisson ; des analyses ont trouvé celle d'un autre animal.",
      risk: "La gélatine ne provient pas de l'animal que l'étiquette indique.",
      whatToDo: "Ne les mangez pas ; rapportez-les au magasin, qui les rembourse.",
    },
    "zaytara-label": {
      title: "Bouillon de poulet Zaytara sans son certificat",
      summary: "Un lot porte la marque d'un certificateur qui ne lui a pas été accordée.",
    },
    "moorberry-carmine": {
      title: "La boisson au yaourt Moorberry contient désormais du carmin",
      summary: "La nouvelle recette est colorée avec E120 ; l'emballage est inchangé.",
    },
    "dates-season": {
      title: "Les dattes fraîches sont en magasin",
      summary: "Comment distinguer la récolte de cette année de la précédente.",
    },
    "halvessane-allergen": {
      title: "Rappel : barres au sésame Halvessane",
      summary: "L'étiquette ne déclare pas d'arachides : danger pour les personnes allergiques.",
      risk: "Des arachides, que l'étiquette ne mentionne pas.",
      whatToDo: "Ne les mangez pas si vous êtes allergique aux arachides.",
    },
    "reading-a-mark": {
      title: "Comment lire une marque halal",
      summary: "Ce que disent le nom, le numéro et la date à côté d'une marque.",
    },
    "ramadan-hours": {
      title: "Autres horaires d'ouverture pendant le ramadan",
      summary:
        "Beaucoup de magasins ouvrent plus tard dans la journée : vérifiez avant de vous déplacer.",
    },
    "nurbrook-mix-up": {
      title: "Rappel : saucisses de bœuf Nurbrook",
      summary: "Un jour, un autre produit a été emballé sous cette étiquette.",
      risk: "Le paquet peut contenir un autre produit.",
      whatToDo: "Rapportez-le au magasin.",
    },
  },
};

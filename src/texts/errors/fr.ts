import type { en } from "./en.ts";

export const fr: Readonly<Record<keyof typeof en, string>> = {
  generic: "Une erreur s'est produite de notre côté. Veuillez réessayer.",
  database_away: "La base de données ne peut pas répondre pour le moment. Veuillez réessayer.",
  database_busy: "Trop de requêtes attendent la base de données. Veuillez réessayer.",
  overloaded: "Trop de requêtes à la fois. Veuillez réessayer.",
  over_limit: "Plus de {limit} appels en une minute. Veuillez réessayer dans {seconds} s.",
  batch_too_long: "Un lot peut contenir {maximum} appels au plus ; celui-ci en contient {count}.",
  malformed_address: "L'adresse ou l'hôte de la requête est mal formé.",
  malformed_request:
    "La requête est illisible : sa forme ou son contenu n'est pas ce que tRPC attend.",
  body_too_large: "Le corps de la requête dépasse {kib} Kio.",
  body_ended_early: "Le corps de la requête s'est interrompu trop tôt.",
  too_many_long_answers: "Trop de longues réponses à la fois. Veuillez réessayer.",
  call_alone:
    "Cette réponse est trop longue pour être envoyée avec d'autres : faites cet appel seul, dans sa propre requête.",
  nothing_here: "Il n'y a rien ici ; les procédures se trouvent sous /trpc/.",
  origin_not_allowed:
    "Ce service ne répond pas, dans un navigateur, aux applications de {origin} : cette origine ne figure pas dans CORS_ORIGINS.",
  no_procedure: "Aucune procédure ne se trouve à l'adresse « {path} ».",
  method_not_supported:
    "{path} ne s'appelle pas avec cette méthode ; l'en-tête Allow indique la bonne.",
  token_expired: "Authorization : le jeton a expiré.",
  token_claim: "Authorization : le champ {claim} du jeton n'est pas accepté.",
  token_not_valid: "Authorization : le jeton n'est pas valide.",
  token_not_bearer: "Authorization : ce n'est pas un jeton au porteur (Bearer).",
  token_sub_not_uuid: "Authorization : le champ sub du jeton n'est pas un UUID.",
  token_sub_not_text:
    "Authorization : le champ sub du jeton n'est pas le texte de 255 caractères au plus qui désigne un utilisateur.",
  tokens_unchecked: "Les jetons ne peuvent pas être vérifiés pour le moment. Veuillez réessayer.",
  sign_in: "Veuillez vous connecter : un jeton d'utilisateur est nécessaire.",
  admins_only: "Seuls les administrateurs peuvent faire cela.",
  sign_in_or_guest:
    "Veuillez vous connecter, ou envoyer un jeton d'invité obtenu par reports.guestToken.",
  guest_token_foreign: "guestToken : ce jeton n'est pas l'un des nôtres.",
  no_store: "Ce magasin n'existe pas.",
  no_product: "Ce produit n'existe pas.",
  no_scan: "Ce scan n'existe pas.",
  no_alert: "Cette alerte n'existe pas.",
  no_report: "Ce signalement n'existe pas.",
  no_certifier: "Aucun certificateur n'a l'identifiant {id}.",
  no_boycott_target: "Aucune cible de boycott n'a l'identifiant {id}.",
  no_additive: "Il n'y a pas d'entrée pour {code}.",
  report_target_gone: "L'objet du signalement n'existe plus.",
  too_many_reports:
    "Vous avez envoyé beaucoup de signalements aujourd'hui. Veuillez continuer demain.",
  report_id_taken: "L'identifiant de ce signalement est déjà celui d'un autre signalement.",
  report_already_accepted: "Ce signalement a déjà été accepté.",
  report_already_rejected: "Ce signalement a déjà été rejeté.",
  new_reports: "Il y a de nouveaux signalements à ce sujet : consultez-les d'abord.",
  different_proposals:
    "Les signalements proposent des corrections différentes : indiquez celle à appliquer.",
  too_many_scans: "Plus de {maximum} scans en 24 heures. Veuillez renvoyer celui-ci plus tard.",
  scan_id_taken: "L'identifiant de ce scan est déjà celui d'un scan d'un autre code-barres.",
  too_many_favorites:
    "Le maximum de {maximum} favoris est atteint. Supprimez-en pour en ajouter d'autres.",
  boycott_name_taken: "Une autre cible de boycott porte le nom de cette entreprise.",
  barcode_check_digit:
    "La clé de contrôle du code-barres {barcode} est fausse : après {payload}, le dernier chiffre devrait être {expected} et non {last}. Un chiffre a sans doute été mal lu ou mal saisi.",
  barcode_rounded:
    "Le code-barres {digits} ressemble à un nombre arrondi par un tableur : des chiffres sont perdus. Mettez la colonne au format texte et exportez-la de nouveau.",
  barcode_text_length:
    "Un code-barres a 8, 12, 13 ou 14 chiffres ; ce texte a {length} caractères.",
  barcode_signed: "Un code-barres n'a pas de signe : celui-ci commence par un moins.",
  barcode_spreadsheet:
    "Un tableur a transformé ce code-barres en nombre arrondi : des chiffres sont perdus. Mettez la colonne au format texte et exportez-la de nouveau.",
  barcode_empty: "Le code-barres est vide : il faut 8, 12, 13 ou 14 chiffres.",
  barcode_characters:
    "Un code-barres se compose uniquement de chiffres, avec au plus des espaces ou des traits d'union, ou bien c'est un code GS1 avec un numéro de produit (AI 01).",
  barcode_zeros: "Un code-barres composé uniquement de zéros ne désigne rien.",
  barcode_length: "Un code-barres a 8, 12, 13 ou 14 chiffres ; nombre de chiffres ici : {length}.",
  barcode_length_upc_e:
    "Un code-barres a 8, 12, 13 ou 14 chiffres ; nombre de chiffres ici : {length}. Pour un UPC-E court, il faut aussi les petits chiffres à gauche et à droite, soit huit en tout.",
  gs1_no_product: "Ces éléments d'un code GS1 ne contiennent pas de numéro de produit (AI 01).",
  gs1_link:
    "Ce lien n'est pas un lien numérique GS1 avec un numéro de produit (/01/ suivi de ses chiffres).",
  gs1_brackets: "Ces éléments ne contiennent pas de numéro de produit : (01) manque.",
  gs1_add_on:
    "Ceci est le complément imprimé à côté d'un code-barres : il faut le code-barres lui-même.",
  e_number:
    "Un numéro E se compose de la lettre E et de trois ou quatre chiffres, suivis si besoin d'une lettre ou d'un chiffre romain, par exemple E471, E472a ou E450i.",
};

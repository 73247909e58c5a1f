import { city, type City } from "./city.ts";

/**
 * Cities of Europe, the Americas and Morocco.
 * Source: positions from general knowledge, to about a kilometre.
 */
export const WESTERN_CITIES: readonly City[] = [
  city(
    "paris",
    ["Paris", "FR", "Europe/Paris"],
    [48.8566, 2.3522],
    [320, 4.5],
    ["7501#", "+33 1 99 00 ## ##"],
    [
      ["Barbès", 48.8837, 2.3494],
      ["Belleville", 48.8722, 2.3767],
      ["Saint-Denis", 48.9362, 2.3574],
      ["Montreuil", 48.8638, 2.4485],
    ],
  ),
  city(
    "marseille",
    ["Marseille", "FR", "Europe/Paris"],
    [43.2965, 5.3698],
    [130, 2.0],
    ["1300+", "+33 4 65 71 ## ##"],
    [
      ["Noailles", 43.2957, 5.3806],
      ["Belle de Mai", 43.311, 5.388],
      ["Saint-Marcel", 43.287, 5.468],
    ],
  ),
  city(
    "lyon",
    ["Lyon", "FR", "Europe/Paris"],
    [45.764, 4.8357],
    [130, 2.5],
    ["6900+", "+33 4 65 71 ## ##"],
    [
      ["La Guillotière", 45.755, 4.844],
      ["Villeurbanne", 45.766, 4.8795],
      ["Vénissieux", 45.697, 4.887],
    ],
  ),
  city(
    "brussels",
    ["Brussels", "BE", "Europe/Brussels"],
    [50.8503, 4.3517],
    [130, 2.5],
    ["10#0", "+32 2 000 ## ##"],
    [
      ["Molenbeek", 50.855, 4.329],
      ["Schaerbeek", 50.867, 4.377],
      ["Anderlecht", 50.836, 4.312],
    ],
  ),
  city(
    "amsterdam",
    ["Amsterdam", "NL", "Europe/Amsterdam"],
    [52.3676, 4.9041],
    [110, 2.5],
    ["10+# @@", "+31 20 000 ####"],
    [
      ["De Pijp", 52.354, 4.893],
      ["Osdorp", 52.36, 4.801],
      ["Zuidoost", 52.313, 4.952],
    ],
  ),
  city(
    "london",
    ["London", "GB", "Europe/London"],
    [51.5074, -0.1278],
    [320, 6.0],
    ["E+ +@@", "+44 20 7946 0###"],
    [
      ["Whitechapel", 51.519, -0.06],
      ["Southall", 51.506, -0.377],
      ["Green Street", 51.54, 0.033],
      ["Edgware Road", 51.52, -0.168],
    ],
  ),
  city(
    "birmingham",
    ["Birmingham", "GB", "Europe/London"],
    [52.4862, -1.8904],
    [130, 3.0],
    ["B+ +@@", "+44 121 496 0###"],
    [
      ["Sparkbrook", 52.461, -1.869],
      ["Small Heath", 52.474, -1.848],
      ["Alum Rock", 52.489, -1.842],
    ],
  ),
  city(
    "berlin",
    ["Berlin", "DE", "Europe/Berlin"],
    [52.52, 13.405],
    [180, 4.5],
    ["1##+#", "+49 30 23125 ###"],
    [
      ["Kreuzberg", 52.499, 13.418],
      ["Neukölln", 52.481, 13.435],
      ["Wedding", 52.55, 13.359],
    ],
  ),
  city(
    "copenhagen",
    ["Copenhagen", "DK", "Europe/Copenhagen"],
    [55.6761, 12.5683],
    [110, 1.5],
    ["2+00", "+45 00 00 ## ##"],
    [
      ["Nørrebro", 55.695, 12.548],
      ["Vesterbro", 55.669, 12.545],
      ["Nordvest", 55.707, 12.533],
    ],
  ),
  city(
    "madrid",
    ["Madrid", "ES", "Europe/Madrid"],
    [40.4168, -3.7038],
    [100, 3.0],
    ["280++", "+34 910 00 0# ##"],
    [
      ["Lavapiés", 40.409, -3.701],
      ["Tetuán", 40.46, -3.698],
      ["Usera", 40.387, -3.707],
    ],
  ),
  city(
    "casablanca",
    ["Casablanca", "MA", "Africa/Casablanca"],
    [33.5731, -7.5898],
    [130, 2.5],
    ["20##0", "+212 522 00 ## ##"],
    [
      ["Maârif", 33.575, -7.637],
      ["Derb Sultan", 33.569, -7.603],
      ["Sidi Moumen", 33.587, -7.511],
    ],
  ),
  city(
    "toronto",
    ["Toronto", "CA", "America/Toronto"],
    [43.678, -79.41],
    [150, 5.0],
    ["M+@ +@+", "+1 416 555 01##"],
    [
      ["Thorncliffe Park", 43.704, -79.345],
      ["Scarborough", 43.755, -79.25],
      ["Mississauga", 43.59, -79.644],
    ],
  ),
  city(
    "new-york",
    ["New York", "US", "America/New_York"],
    [40.73, -73.98],
    [220, 3.0],
    ["100++", "+1 212 555 01##"],
    [
      ["Bay Ridge", 40.626, -74.025],
      ["Astoria", 40.768, -73.915],
      ["Jackson Heights", 40.749, -73.885],
      ["Midwood", 40.622, -73.965],
    ],
  ),
  city(
    "chicago",
    ["Chicago", "US", "America/Chicago"],
    [41.89, -87.68],
    [120, 3.5],
    ["606##", "+1 312 555 01##"],
    [
      ["Devon Avenue", 41.998, -87.695],
      ["Bridgeview", 41.744, -87.804],
      ["Albany Park", 41.968, -87.716],
    ],
  ),
  city(
    "sao-paulo",
    ["São Paulo", "BR", "America/Sao_Paulo"],
    [-23.5505, -46.6333],
    [110, 4.5],
    ["01###-000", "+55 11 0000-####"],
    [
      ["Brás", -23.545, -46.616],
      ["Vila Mariana", -23.589, -46.634],
      ["São Bernardo", -23.694, -46.565],
    ],
  ),
];

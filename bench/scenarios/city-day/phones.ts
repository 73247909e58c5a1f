import { randomUUID } from "node:crypto";
import { type Schedule, ScheduleWriter } from "../../load/schedule.ts";
import type { PlacedStore } from "../../data.ts";
import { type Call, createRandom } from "../hot-calls.ts";
import {
  type Action,
  CALLS_PER_PHONE_MINUTE,
  CALLS_PER_REQUEST,
  DRIVING_SHARE,
  DRIVING_SPEED,
  FILTERED_SHARE,
  MIX,
  PAN_METERS,
  RADII,
  SESSION_REQUESTS,
  SIGNED_IN_SHARE,
  WALKING_SPEED,
} from "./mix.ts";
import { requestOf } from "./phone-requests.ts";

/** The data from which phones make their requests. */
export interface World {
  /** The neighbourhoods of each city, those with the most shops first, because people are where shops are. */
  readonly cities: readonly (readonly Neighbourhood[])[];
  readonly additiveCodes: readonly string[];
  readonly barcodes: readonly string[];
  /** The tokens of people with an account. */
  readonly tokens: readonly string[];
}

/** The shops of a cell of about one kilometre. */
export type Neighbourhood = readonly PlacedStore[];

/** A phone that is online. */
export interface Phone {
  readonly home: Neighbourhood;
  /** Null without an account. */
  readonly token: string | null;
  readonly address: string;
  latitude: number;
  longitude: number;
  /** Units: metres a second. */
  readonly speed: number;
  /** Units: radians from north, clockwise. */
  heading: number;
  lastMs: number;
  isStarting: boolean;
}

const METERS_PER_DEGREE = 111_320;
/** The distance of a new phone from a shop, one sigma. Units: metres. */
const AROUND_SHOP_METERS = 350;
/** The turn of a phone between two requests, one sigma. Units: radians. */
const TURN = 0.6;
const STORE_TYPES = ["restaurant", "butcher", "supermarket", "bakery"];
const SEARCHES = ["halal", "kebab", "boucherie", "market", "bakery", "istanbul", "grill", "pizza"];
/** Simulates phones that move, pan, scan, come and go. Each schedule continues the one before. */
export class Phones {
  readonly #world: World;
  readonly #library: Library | null;
  readonly #random: () => number;
  readonly #online: Phone[] = [];
  /** The number of shops up to and including each city. */
  readonly #shopsUntil: readonly number[];
  #nowMs = 0;

  constructor(world: World, seed: number, library: Library | null = null) {
    this.#world = world;
    this.#library = library;
    this.#random = createRandom(seed);
    let shops = 0;
    this.#shopsUntil = world.cities.map((city) => {
      for (const neighbourhood of city) shops += neighbourhood.length;
      return shops;
    });
  }

  /**
   * Makes a schedule of requests that arrive as a Poisson process, from as many phones as make that many calls.
   * Units: calls a second at the beginning and at the end; seconds.
   */
  schedule(fromRate: number, toRate: number, seconds: number): Schedule {
    const writer = new ScheduleWriter();
    let dueMs = 0;
    for (;;) {
      const rate = fromRate + ((toRate - fromRate) * dueMs) / (seconds * 1000);
      dueMs += (-Math.log(1 - this.#random()) * CALLS_PER_REQUEST * 1000) / rate;
      if (dueMs >= seconds * 1000) break;
      const count = Math.max(1, Math.round((rate * 60) / CALLS_PER_PHONE_MINUTE));
      this.#write(writer, dueMs, Math.floor(this.#random() * count));
    }
    this.#nowMs += seconds * 1000;
    return writer.finish();
  }

  #write(writer: ScheduleWriter, dueMs: number, place: number): void {
    const nowMs = this.#nowMs + dueMs;
    const isStarting = this.#random() < 1 / SESSION_REQUESTS;
    // The length of sessions is memoryless, so phones that are added at a higher rate are in the middle of a session.
    const before = isStarting ? undefined : this.#online[place];
    const phone = before ?? this.#newPhone(nowMs, isStarting);
    this.#online[place] = phone;
    this.#move(phone, nowMs);
    const action = phone.isStarting ? "app start" : this.#nextAction(phone);
    phone.isStarting = false;
    const kind = MIX.findIndex((entry) => entry.action === action);
    const calls = this.#callsOf(phone, action);
    if (this.#library === null) writer.add(dueMs, kind, calls.length, requestOf(phone, calls));
    else
      for (const sent of this.#library(phone, calls, nowMs))
        writer.add(dueMs, sent.isAhead ? MIX.length : kind, sent.calls, sent.request);
  }

  #newPhone(nowMs: number, isStarting: boolean): Phone {
    const { tokens } = this.#world;
    const home = this.#pickHome();
    const near = this.#near(this.#pick(home), AROUND_SHOP_METERS);
    return {
      home,
      token: this.#random() < SIGNED_IN_SHARE ? this.#pick(tokens) : null,
      address: `10.${this.#below(256)}.${this.#below(256)}.${1 + this.#below(254)}`,
      ...near,
      speed: this.#random() < DRIVING_SHARE ? DRIVING_SPEED : WALKING_SPEED,
      heading: this.#random() * 2 * Math.PI,
      lastMs: nowMs,
      isStarting,
    };
  }

  /** Picks a city by its number of shops, and a neighbourhood by Zipf's law: the second has half as many people. */
  #pickHome(): Neighbourhood {
    const until = this.#shopsUntil;
    const shop = this.#random() * (until.at(-1) ?? 0);
    const city = this.#world.cities[until.findIndex((end) => shop < end)] ?? [];
    // The inverse of the continuous law, by which equally many people live between any rank and twice that rank.
    const rank = Math.floor((city.length + 1) ** this.#random()) - 1;
    return city[rank] ?? [];
  }

  #move(phone: Phone, nowMs: number): void {
    const meters = (phone.speed * (nowMs - phone.lastMs)) / 1000;
    phone.lastMs = nowMs;
    phone.heading += this.#bell() * TURN;
    const east = METERS_PER_DEGREE * Math.cos((phone.latitude * Math.PI) / 180);
    phone.latitude += (Math.cos(phone.heading) * meters) / METERS_PER_DEGREE;
    phone.longitude += (Math.sin(phone.heading) * meters) / east;
  }

  #nextAction({ token }: Phone): Action {
    let rest = this.#random() * 1000;
    for (const { action, signedIn, anonymous } of MIX) {
      rest -= token === null ? anonymous : signedIn;
      if (rest < 0) return action;
    }
    return "store.nearby";
  }

  #callsOf(phone: Phone, action: Action): readonly Call[] {
    if (action === "app start") {
      const around = position(phone);
      return [
        { procedure: "store.nearby", input: around },
        { procedure: "store.markers", input: around },
        { procedure: "certifier.list", input: undefined },
        { procedure: "boycott.list", input: undefined },
        phone.token === null
          ? { procedure: "alerts.list", input: { limit: 20 } }
          : { procedure: "alerts.unread", input: undefined },
      ];
    }
    const input = action === "alerts.unread" ? undefined : this.#input(phone, action);
    return [{ procedure: action, input }];
  }

  #input(phone: Phone, action: Exclude<Action, "app start" | "alerts.unread">): object {
    switch (action) {
      case "store.nearby":
        return { ...position(phone), ...this.#filter() };
      case "store.markers":
        return { ...position(this.#near(phone, PAN_METERS)), ...this.#filter() };
      case "store.byId":
        return { id: this.#pick(phone.home).id };
      case "additive.byCode":
        return { code: this.#pick(this.#world.additiveCodes) };
      case "additive.forCodes":
        return { codes: Array.from({ length: 6 }, () => this.#pick(this.#world.additiveCodes)) };
      case "boycott.check":
        return { barcode: this.#barcode() };
      case "store.search":
        return { query: this.#pick(SEARCHES), near: position(phone), limit: 20 };
      case "alerts.list":
      case "scans.history":
      case "favorites.list":
        return { limit: 20 };
      case "scans.record":
        return { id: randomUUID(), barcode: this.#barcode(), ...position(phone) };
      case "favorites.add":
      case "favorites.remove":
      default:
        return { kind: "store", id: this.#pick(phone.home).id };
    }
  }

  #filter(): { radiusKm?: number; storeType?: string } {
    let rest = this.#random() * 100;
    const [radiusKm = 5] = RADII.find(([, weight]) => (rest -= weight) < 0) ?? [];
    return {
      ...(radiusKm === 5 ? {} : { radiusKm }),
      ...(this.#random() < FILTERED_SHARE ? { storeType: this.#pick(STORE_TYPES) } : {}),
    };
  }

  /** Picks a barcode; a few products are scanned most. */
  #barcode(): string {
    const { barcodes } = this.#world;
    return barcodes[Math.floor(this.#random() ** 2 * barcodes.length)] ?? "";
  }

  #near(
    { latitude, longitude }: { readonly latitude: number; readonly longitude: number },
    sigmaMeters: number,
  ): { latitude: number; longitude: number } {
    const east = METERS_PER_DEGREE * Math.cos((latitude * Math.PI) / 180);
    return {
      latitude: latitude + (this.#bell() * sigmaMeters) / METERS_PER_DEGREE,
      longitude: longitude + (this.#bell() * sigmaMeters) / east,
    };
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  #pick<T>(items: readonly T[]): T {
    const item = items[this.#below(items.length)];
    if (item === undefined) throw new RangeError("nothing to pick from");
    return item;
  }

  /** Returns a roughly normal number with variance 1. */
  #bell(): number {
    let sum = -6;
    for (let i = 0; i < 12; i += 1) sum += this.#random();
    return sum;
  }
}

/** A request of a phone, and how many calls of its screens it answers. */
export interface SentRequest {
  readonly calls: number;
  readonly request: string;
  /** Whether it fetches what the phone will need next. */
  readonly isAhead: boolean;
}

/** The requests that a phone with the library sends for calls of its screens. Units: milliseconds of the phones' time. */
export type Library = (
  phone: Phone,
  calls: readonly Call[],
  nowMs: number,
) => readonly SentRequest[];

const rounded = (degrees: number) => Math.round(degrees * 1e6) / 1e6;

function position({ latitude, longitude }: Pick<Phone, "latitude" | "longitude">) {
  return { latitude: rounded(latitude), longitude: rounded(longitude) };
}

import type { Clock } from '@portico/core';
import type { Random } from '../fleet/random.js';
import type { Place, Route } from './route.js';

/** Where a vehicle is at one time, and how. */
export interface Fix extends Place {
  /** Milliseconds since 1970. */
  readonly time: number;
  /** km/h */
  readonly speed: number;
  /** Metres that the vehicle has made in its life. */
  readonly mileage: number;
}

/** km/h */
const LOWEST_SPEED = 10;
const HIGHEST_SPEED = 90;
/** By how much a vehicle's speed changes in a second, km/h at most, and in all between two looks. */
const CHANGE_PER_SECOND = 3;
const LARGEST_CHANGE = 30;
/** Metres that the vehicles of a fleet have made before, at most. */
const MOST_MILEAGE = 200_000_000;
const METRES_PER_MILLISECOND = 1 / 3600;

/** The movement of one vehicle along a route: what it is found at each time fits what it was before. */
export class Journey {
  readonly #route: Route;
  readonly #random: Random;
  readonly #clock: Clock;
  /** Metres from the begin of the route. */
  #along: number;
  #mileage: number;
  #speed: number;
  #lookedAt: number;

  constructor(route: Route, random: Random, clock: Clock) {
    this.#route = route;
    this.#random = random;
    this.#clock = clock;
    this.#along = random.between(0, route.length);
    this.#mileage = random.between(0, MOST_MILEAGE);
    this.#speed = random.between(LOWEST_SPEED, HIGHEST_SPEED);
    this.#lookedAt = clock.monotonic();
  }

  /** Where it is now. Since the last look it has changed its speed evenly. */
  look(): Fix {
    const now = this.#clock.monotonic();
    const elapsed = now - this.#lookedAt;
    this.#lookedAt = now;
    const before = this.#speed;
    this.#speed = this.#nextSpeed(elapsed);
    const metres = ((before + this.#speed) / 2) * elapsed * METRES_PER_MILLISECOND;
    this.#along += metres;
    this.#mileage += metres;
    const place = this.#route.at(this.#along);
    return { ...place, time: this.#clock.now(), speed: this.#speed, mileage: this.#mileage };
  }

  #nextSpeed(elapsed: number): number {
    const most = Math.min((elapsed / 1000) * CHANGE_PER_SECOND, LARGEST_CHANGE);
    const wanted = this.#speed + this.#random.between(-most, most);
    return Math.min(Math.max(wanted, LOWEST_SPEED), HIGHEST_SPEED);
  }
}

import type { ObjectList } from './object-list.js';

/** What a device told of itself when it registered, and in its updates since (LwM2M 1.2 Core §6.2). */
export interface Registration {
  /** The version of LwM2M that it speaks, as it wrote it: `1`, `1.0`, `1.1` or `1.2`. */
  readonly lwm2m: string;
  /** Seconds that it stays registered without an update. */
  readonly lifetime: number;
  /** Binding modes, as it wrote them; undefined where it named none, which is `U`. */
  readonly binding: string | undefined;
  /** Whether it said `Q` (LwM2M 1.1): with 1.0 that is part of the binding. */
  readonly queue: boolean;
  /** Number for SMS, as it wrote it. */
  readonly sms: string | undefined;
  /** What else it gave as parameters, such as `pid`, in the order of names; a flag is `true`. */
  readonly others: readonly (readonly [name: string, value: string | true])[];
  readonly objects: ObjectList;
}

/** What a device tells of itself in the arguments of its URI; all but its objects. */
export type Told = Omit<Registration, 'objects'>;

/** All that a device told. Of one shape for all devices: an object spread into another would get a hidden class of its own. */
export function registrationOf(
  { lwm2m, lifetime, binding, queue, sms, others }: Told,
  objects: ObjectList,
): Registration {
  return { lwm2m, lifetime, binding, queue, sms, others, objects };
}

/** Whether the device sleeps, and is to be sent something only shortly after it was heard (LwM2M 1.0.2 §8.3). */
export function usesQueueMode({ queue, binding }: Registration): boolean {
  return queue || binding?.includes('Q') === true;
}

/** Whether the device speaks at least that version of LwM2M. */
export function speaks({ lwm2m }: Pick<Registration, 'lwm2m'>, version: '1.1' | '1.2'): boolean {
  return lwm2m >= version;
}

/** Its version of LwM2M as one number: 10 for 1.0, 12 for 1.2. */
export function versionNumber({ lwm2m }: Registration): number {
  return Math.round(Number(lwm2m) * 10);
}

/** Whether two registrations say the same, where object lists are shared (`ObjectLists`). */
export function sameRegistration(a: Registration, b: Registration): boolean {
  return (
    a.lwm2m === b.lwm2m &&
    a.lifetime === b.lifetime &&
    a.binding === b.binding &&
    a.queue === b.queue &&
    a.sms === b.sms &&
    a.objects === b.objects &&
    a.others.length === b.others.length &&
    a.others.every(([name, value], at) => name === b.others[at]?.[0] && value === b.others[at]?.[1])
  );
}

/** Hands out a fixed number of places to whoever waits, first come first served. */
export interface Slots<Slot> {
  /** Resolves with a free one; rejects with the signal's reason when that aborts first. */
  take(signal?: AbortSignal): Promise<Slot>;
  give(slot: Slot): void;
}

export function createSlots<Slot>(slots: readonly Slot[]): Slots<Slot> {
  const free = [...slots];
  const waiting: ((slot: Slot) => void)[] = [];
  return {
    take(signal) {
      const slot = free.shift();
      if (slot !== undefined) return Promise.resolve(slot);
      return new Promise((resolve, reject) => {
        const serve = (served: Slot): void => {
          signal?.removeEventListener('abort', leave);
          resolve(served);
        };
        const leave = (): void => {
          waiting.splice(waiting.indexOf(serve), 1);
          reject(signal?.reason);
        };
        waiting.push(serve);
        signal?.addEventListener('abort', leave, { once: true });
      });
    },
    give(slot) {
      const next = waiting.shift();
      if (next === undefined) free.push(slot);
      else next(slot);
    },
  };
}

/** Lets so many of each name through at once; the others wait in line. */
export interface Gates {
  /** Resolves to what has to be called when it is over. @throws the signal's reason */
  enter(name: string, signal: AbortSignal): Promise<() => void>;
}

interface Gate {
  inside: number;
  readonly waiting: Set<() => void>;
}

export const createGates = (limit: number): Gates => {
  const gates = new Map<string, Gate>();

  const gateOf = (name: string): Gate => {
    const known = gates.get(name);
    if (known) return known;
    const created: Gate = { inside: 0, waiting: new Set() };
    gates.set(name, created);
    return created;
  };

  const leave = (name: string, gate: Gate) => (): void => {
    const [next] = gate.waiting;
    if (next) {
      // Whoever is next takes the place over.
      gate.waiting.delete(next);
      next();
      return;
    }
    gate.inside -= 1;
    if (gate.inside === 0) gates.delete(name);
  };

  return {
    enter: async (name, signal) => {
      signal.throwIfAborted();
      const gate = gateOf(name);
      if (gate.inside < limit) gate.inside += 1;
      else await turn(gate, signal);
      return leave(name, gate);
    },
  };
};

const turn = (gate: Gate, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const go = (): void => {
      signal.removeEventListener('abort', giveUp);
      resolve();
    };
    const giveUp = (): void => {
      gate.waiting.delete(go);
      reject(signal.reason);
    };
    gate.waiting.add(go);
    signal.addEventListener('abort', giveUp, { once: true });
  });

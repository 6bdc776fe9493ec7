import type { Redactor } from '../events/index.ts';
import type { KeyRing } from './key-ring.ts';
import { currentOrganization } from './scope.ts';
import type { Sealer } from './sealer.ts';

/**
 * Takes secrets out of texts, and seals what subjects are known by: those of the organisation that it is kept for, or, where nobody has
 * said for whom, of all.
 */
export const sealingRedactor = (redactor: Redactor, ring: KeyRing): Redactor => {
  const sealer = (): Sealer | null => (ring.isEmpty() ? null : ring.sealer(currentOrganization()));
  return {
    redactText: (text) => {
      const redacted = redactor.redactText(text);
      return sealer()?.sealText(redacted) ?? redacted;
    },
    redactData: (data) => {
      const redacted = redactor.redactData(data);
      const sealing = sealer();
      return sealing === null ? redacted : sealing.sealData(redacted);
    },
    suspects: (json) => redactor.suspects(json) || (sealer()?.suspects(json) ?? false),
  };
};

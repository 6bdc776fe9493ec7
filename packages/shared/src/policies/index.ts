export { isBlameless, isMendable } from './faults.ts';
export {
  type AllowanceRequest,
  atMost,
  createLedger,
  fits,
  freeOf,
  hold,
  type Ledger,
  limitsTokensOrMoney,
  mayGiveBack,
  newThresholds,
  nothing,
  planHolder,
  prepay,
  settle,
  spentAtMost,
  type Threshold,
  withdraw,
} from './ledger.ts';
export {
  defaultLoopLimits,
  isHeldBack,
  isLastFailure,
  isLoop,
  isOutOfTurns,
  type LoopLimits,
  repetitionOf,
} from './rules.ts';

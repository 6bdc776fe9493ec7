/** Microseconds of a clock that all processes of this machine share, and nobody sets. */
export const microseconds = (): number => Number(process.hrtime.bigint() / 1_000n);

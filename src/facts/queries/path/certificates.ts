const dayMs = 86_400_000

/** Whole days from a moment until a certificate ends; both in milliseconds since the epoch. */
export const daysLeft = (validTo: number, at: number): number => Math.floor((validTo - at) / dayMs)

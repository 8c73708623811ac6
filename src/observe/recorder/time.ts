/** A time in milliseconds since the epoch, in the format of ISO 8601. */
export const isoTime = (at: number): string => new Date(at).toISOString()

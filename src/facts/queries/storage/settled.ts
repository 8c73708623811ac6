/** An upload writes data before links; what is younger than this may belong to a push that goes on, in milliseconds. */
export const settledMs = 24 * 60 * 60 * 1000
/** A build may push its images by digest first, and tag them when all are there, or layers long before the manifest; in milliseconds. */
export const pushMs = 60 * 60 * 1000

import { createHash } from 'node:crypto'

/** The digest of some bytes, without the builder's help. */
export const sha256 = (bytes: Buffer) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`

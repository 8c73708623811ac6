import { createHash } from 'node:crypto'

/** The digest of bytes, computed without the image builder. */
export const sha256 = (bytes: Buffer) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`

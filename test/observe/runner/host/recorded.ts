import { readFileSync } from 'node:fs'

/** A recorded input; `recorded/README.md` says where each comes from. */
export const recorded = (name: string): string =>
  readFileSync(new URL(`recorded/${name}`, import.meta.url), 'utf8')

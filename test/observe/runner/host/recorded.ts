import { readFileSync } from 'node:fs'

/** A recorded input; `recorded/README.md` lists their origins. */
export const recorded = (name: string): string =>
  readFileSync(new URL(`recorded/${name}`, import.meta.url), 'utf8')

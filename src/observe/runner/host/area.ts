import type { Area } from '../../../core/observed.ts'
import type { Remedy } from '../../../core/remedy.ts'

/** An area that was inspected; `from` names the source. */
export const seen = <T>(value: T, from: string): Area<T> => ({ seen: true, value, from })

/** An area that could not be inspected; any one of the remedies would make it possible. */
export const unseen = (why: string, remedies: Remedy[]): Area<never> => ({
  seen: false,
  why,
  remedies,
  applies: true,
})

/** An area that does not exist on this host, so nothing is missing. */
export const notApplicable = (why: string): Area<never> => ({
  seen: false,
  why,
  remedies: [],
  applies: false,
})

import type { RegistryState } from '../facts/watch/state.ts'
import { createMask } from '../log/mask.ts'

/**
 * Forgets the tokens of a run that has ended: each run has new ones, and every text is searched for all that are kept. A registry may
 * have quoted one, so they are removed from what is remembered of it first.
 */
export function forgetTokens(
  state: RegistryState,
  tokens: readonly string[],
  forget: (secret: string) => void,
): void {
  if (tokens.length === 0) return
  const mask = createMask()
  for (const token of new Set(tokens)) mask.add(token)
  if (state.lastRun?.why !== undefined) state.lastRun.why = mask.apply(state.lastRun.why)
  for (const unseen of state.lastRun?.unseen ?? []) unseen.detail = mask.apply(unseen.detail)
  for (const { tags, images } of state.repositories.values())
    for (const fault of [...tags.values(), ...images.values()].flatMap((one) =>
      'faults' in one ? one.faults : (one.fault ?? []),
    ))
      for (const text of ['message', 'title', 'advice'] as const) fault[text] = mask.apply(fault[text])
  for (const token of tokens) forget(token)
}

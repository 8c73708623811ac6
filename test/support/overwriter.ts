import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { NetworkNamespace } from './network-namespace.ts'
import { type Program, startProgram } from './program.ts'
import { until } from './until.ts'

/** A running overwriter. */
export interface Overwriter {
  /** How often it has restored the table. */
  syncs(): number
  /** Does something after it has saved the table, and lets it restore what it saved only then. Nothing is left to chance. */
  whileItThinks(act: () => Promise<unknown>): Promise<void>
  /** Ends it after the sync it is in. */
  stop(): Promise<void>
}

/**
 * Rewrites the whole filter table repeatedly, as the NetworkPolicy controller of kube-router does (embedded in k3s;
 * cloudnativelabs/kube-router#1372): inserts its own jump at the top, saves the table, waits `gapMs`, and restores what it
 * saved. Changes by others in between are silently undone. The real one does so every five minutes.
 */
export async function startOverwriter(
  namespace: NetworkNamespace,
  {
    gapMs = 50,
    pauseMs = 200,
    backend = 'nft',
  }: { gapMs?: number; pauseMs?: number; backend?: 'nft' | 'legacy' } = {},
): Promise<Overwriter> {
  const tool = `iptables-${backend}`
  const directory = await mkdtemp(join(tmpdir(), 'regguard-overwriter-'))
  const hold = join(directory, 'hold')
  const loop = `
    trap 'exit 0' TERM
    ${tool} -N KUBE-ROUTER-FORWARD 2> /dev/null
    for round in $(seq 2000); do
      ${tool} -C FORWARD -j KUBE-ROUTER-FORWARD 2> /dev/null || ${tool} -I FORWARD 1 -j KUBE-ROUTER-FORWARD
      saved=$(${tool}-save -t filter) && echo saved
      sleep ${gapMs / 1000}
      while [ -e '${hold}' ]; do sleep 0.02; done
      printf '%s\\n' "$saved" | ${tool}-restore --wait -T filter && echo synced
      sleep ${pauseMs / 1000}
    done`
  const count = ({ output }: Program, word: string) => output().split(word).length - 1
  const overwriter = await startProgram(['nsenter', `--net=${namespace.path}`, 'sh', '-c', loop], {
    name: 'the overwriter',
    ready: (program) => count(program, 'synced') > 0,
    clear: () => rm(directory, { recursive: true, force: true }),
  })
  const next = (word: string) => {
    const before = count(overwriter, word)
    return () => until(`the overwriter has ${word}`, () => count(overwriter, word) > before)
  }
  return {
    syncs: () => count(overwriter, 'synced'),
    whileItThinks: async (act) => {
      const saved = next('saved')
      await writeFile(hold, '')
      await saved()
      const synced = next('synced')
      await act().finally(() => rm(hold))
      await synced()
    },
    stop: overwriter.stop,
  }
}

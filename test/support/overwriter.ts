import { execa } from 'execa'
import type { NetworkNamespace } from './network-namespace.ts'

/** A running overwriter. */
export interface Overwriter {
  /** How often it has restored the table. */
  syncs(): number
  /** Ends it after the current sync. */
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
  const loop = `
    trap 'exit 0' TERM
    ${tool} -N KUBE-ROUTER-FORWARD 2> /dev/null
    for round in $(seq 2000); do
      ${tool} -C FORWARD -j KUBE-ROUTER-FORWARD 2> /dev/null || ${tool} -I FORWARD 1 -j KUBE-ROUTER-FORWARD
      saved=$(${tool}-save -t filter)
      sleep ${gapMs / 1000}
      printf '%s\\n' "$saved" | ${tool}-restore --wait -T filter && echo synced
      sleep ${pauseMs / 1000}
    done`
  const child = execa('nsenter', [`--net=${namespace.path}`, 'sh', '-c', loop], {
    reject: false,
    buffer: false,
  })
  let count = 0
  child.stdout.on('data', (chunk: Buffer) => {
    count += chunk.toString().split('synced').length - 1
  })
  const stop = async () => {
    child.kill('SIGTERM')
    await child
  }
  for (const deadline = Date.now() + 10_000; count === 0; ) {
    if (Date.now() > deadline) {
      await stop()
      throw new Error('the overwriter did not restore the table within 10 s')
    }
    await new Promise((later) => setTimeout(later, 20))
  }
  return { syncs: () => count, stop }
}

import { createInterface } from 'node:readline'
import { execa } from 'execa'
import type { FileText, HostAccess, ProgramRun } from '../../src/observe/runner/host-access.ts'
import type { NetworkNamespace } from '../support/network-namespace.ts'
import type { Request } from './agent.ts'

/** A process in a namespace that does what it is asked for. */
export interface Agent {
  ask<T>(request: Request): Promise<T>
  stop(): Promise<void>
}

/** Starts an agent in a namespace. */
export function startAgent({ path }: NetworkNamespace): Agent {
  const script = new URL('agent.ts', import.meta.url).pathname
  const child = execa('nsenter', [`--net=${path}`, process.execPath, script], {
    stdio: ['pipe', 'pipe', 'inherit'],
    buffer: false,
    reject: false,
  })
  const waiting = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>()
  let next = 0
  createInterface({ input: child.stdout }).on('line', (line) => {
    const { id, result } = JSON.parse(line) as { id: number; result: never }
    waiting.get(id)?.resolve(result)
    waiting.delete(id)
  })
  void child.then(() => {
    for (const { reject } of waiting.values()) reject(new Error('the agent has ended'))
  })
  return {
    ask: (request) =>
      new Promise((resolve, reject) => {
        const id = next++
        waiting.set(id, { resolve, reject })
        child.stdin.write(`${JSON.stringify({ id, request })}\n`)
      }),
    stop: async () => {
      child.stdin.end()
      await child
    },
  }
}

/** The access of the observers to the namespace of an agent. */
export const accessOf = ({ ask }: Agent): HostAccess => ({
  uid: 0,
  now: Date.now,
  signal: new AbortController().signal,
  list: async () => [],
  kernelLog: async () => ({ ok: false, code: 'ENOENT' }),
  read: (path, limit) => ask<FileText>({ kind: 'read', path, ...(limit === undefined ? {} : { limit }) }),
  run: (program, args, { timeoutMs = 5000 } = {}) =>
    ask<ProgramRun>({ kind: 'run', program, args, timeoutMs }),
})

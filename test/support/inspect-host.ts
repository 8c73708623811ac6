import { readdir, readFile, stat } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Area } from '../../src/core/observed.ts'
import type { HostView, NamespaceKind } from '../../src/facts/runner.ts'
import type { Engine } from './engine.ts'
import type { NetworkNamespace } from './network-namespace.ts'
import { until } from './until.ts'

/** Options of `observe-host.ts`. */
export interface InspectOptions {
  namespace?: NamespaceKind
  hostPid?: boolean
  windowMs?: number
}

const root = fileURLToPath(new URL('../..', import.meta.url))
const script = 'test/support/observe-host.ts'

/** Observes the host from inside a namespace, in a separate process; `through` is a program that starts it. */
export async function inspectHost(
  namespace: NetworkNamespace,
  options: InspectOptions = {},
  through: string[] = [],
): Promise<HostView> {
  const [program = process.execPath, ...args] = [
    ...through,
    process.execPath,
    root + script,
    JSON.stringify(options),
  ]
  return JSON.parse(await namespace.run(program, args))
}

/** Observes the host as `inspectHost` does, and runs `change` once it has started watching. */
export async function inspectHostWhile(
  namespace: NetworkNamespace,
  windowMs: number,
  change: () => Promise<unknown>,
): Promise<HostView> {
  const view = inspectHost(namespace, { windowMs })
  await Promise.race([until('an observation watches the interfaces', () => watchedIn(namespace)), view])
  await change()
  return view
}

/** Whether an observation watches the interfaces of this namespace. */
export async function watchedIn({ path }: NetworkNamespace): Promise<boolean> {
  const { ino } = await stat(path)
  const watches = async (pid: string) =>
    (await readFile(`/proc/${pid}/cmdline`, 'utf8')) === 'ip\0-ts\0monitor\0link\0' &&
    (await stat(`/proc/${pid}/ns/net`)).ino === ino
  const processes = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const found = await Promise.all(processes.map((pid) => watches(pid).catch(() => false)))
  return found.includes(true)
}

/** Observes the host from inside a container of the tools image; `flags` are for `docker run`. */
export async function inspectHostFromContainer(
  engine: Engine,
  flags: string[],
  options: InspectOptions = {},
): Promise<HostView> {
  const command = ['node', `/app/${script}`, JSON.stringify({ namespace: 'container', ...options })]
  return JSON.parse(
    await engine.docker(['run', '--rm', '-v', `${root}:/app:ro`, ...flags, 'tools', ...command]),
  )
}

/** The value of an area that must have been seen. */
export function seenValue<T>(area: Area<T>): T {
  if (!area.seen) throw new Error(`not seen: ${area.why}`)
  return area.value
}

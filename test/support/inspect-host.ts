import { readdir, readFile, stat } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Area } from '../../src/core/observed.ts'
import type { HostView, NamespaceKind } from '../../src/facts/runner.ts'
import type { Engine } from './engine.ts'
import type { NetworkNamespace } from './network-namespace.ts'

/** What a look is told about where it is. */
export interface LookOptions {
  namespace?: NamespaceKind
  hostPid?: boolean
  windowMs?: number
}

const root = fileURLToPath(new URL('../..', import.meta.url))
const script = 'test/support/observe-host.ts'

/** Looks at the host from inside a namespace, in a process of its own. `through` is a program that starts it. */
export async function areaIn(
  namespace: NetworkNamespace,
  options: LookOptions = {},
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

/** Looks at the host as `lookIn` does, and does something once the look has begun to watch. */
export async function lookWhile(
  namespace: NetworkNamespace,
  windowMs: number,
  act: () => Promise<unknown>,
): Promise<HostView> {
  const view = areaIn(namespace, { windowMs })
  await Promise.race([watcherIn(namespace), view])
  await act()
  return view
}

/** Waits until a look watches the interfaces of this namespace. */
export async function watcherIn({ path }: NetworkNamespace): Promise<void> {
  const { ino } = await stat(path)
  const watches = async (pid: string) =>
    (await readFile(`/proc/${pid}/cmdline`, 'utf8')) === 'ip\0-ts\0monitor\0link\0' &&
    (await stat(`/proc/${pid}/ns/net`)).ino === ino
  for (const deadline = Date.now() + 20_000; Date.now() < deadline; ) {
    const processes = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
    const found = await Promise.all(processes.map((pid) => watches(pid).catch(() => false)))
    if (found.includes(true)) return
    await new Promise((later) => setTimeout(later, 20))
  }
  throw new Error('no look began to watch within 20 s')
}

/** Looks at the host from inside a container of the image of tools; `flags` are those of `docker run`. */
export async function lookFromContainer(
  engine: Engine,
  flags: string[],
  options: LookOptions = {},
): Promise<HostView> {
  const command = ['node', `/app/${script}`, JSON.stringify({ namespace: 'container', ...options })]
  return JSON.parse(
    await engine.docker(['run', '--rm', '-v', `${root}:/app:ro`, ...flags, 'tools', ...command]),
  )
}

/** The value of a look that must have been had. */
export function seenValue<T>(look: Area<T>): T {
  if (!look.seen) throw new Error(`not seen: ${look.why}`)
  return look.value
}

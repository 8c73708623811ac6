import { fileURLToPath } from 'node:url'
import type { HostView, Look, NamespaceKind } from '../../src/model.ts'
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
export async function lookIn(
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
export function seenValue<T>(look: Look<T>): T {
  if (!look.seen) throw new Error(`not seen: ${look.why}`)
  return look.value
}

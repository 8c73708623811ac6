import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execaSync } from 'execa'
import { findProgram, suiteNeeds } from './need.ts'
import { listens, startProgram } from './program.ts'
import { freePort } from './real-registry.ts'
import { type Suite, suiteWithout } from './suite.ts'

/** A `describe` for suites that start a forward proxy, and the other programs too. */
export function suiteWithForwardProxy(programs: string[]): Suite {
  const tinyproxy = findProgram('tinyproxy')
  if (tinyproxy === undefined) return suiteNeeds(['tinyproxy', ...programs])
  const tried = execaSync(tinyproxy, ['-v'], { env: { LD_PRELOAD: preload }, reject: false })
  if (!tried.stderr.includes(preload)) return suiteNeeds(programs)
  return suiteWithout('needs nss_wrapper (libnss-wrapper)', { mustRunInCi: true })
}

const preload = 'libnss_wrapper.so'

/** A running tinyproxy. */
export type ForwardProxy = {
  host: string
  /** What it has written: every CONNECT is a line. */
  log(): string
  stop(): Promise<void>
}

export type ForwardProxyOptions = {
  /** The names that it alone knows, all of this machine. */
  names: string[]
  /** Who may use it; without one, everybody. */
  login?: { user: string; password: string }
  /** Lines of its configuration beside these. */
  more?: string[]
}

/**
 * Starts tinyproxy. The names are put before its resolver with nss_wrapper, so no hosts file of the machine is touched,
 * and whoever reaches a name has gone through the proxy.
 */
export async function startForwardProxy({
  names,
  login,
  more = [],
}: ForwardProxyOptions): Promise<ForwardProxy> {
  const directory = await mkdtemp(join(tmpdir(), 'regguard-proxy-'))
  const port = await freePort()
  const [config, hosts] = [join(directory, 'tinyproxy.conf'), join(directory, 'hosts')]
  await writeFile(hosts, `127.0.0.1 ${names.join(' ')}\n`)
  await writeFile(
    config,
    [
      `Port ${port}`,
      'Listen 127.0.0.1',
      'Timeout 60',
      'MaxClients 100',
      'LogLevel Connect',
      ...(login ? [`BasicAuth ${login.user} ${login.password}`] : []),
      ...more,
      '',
    ].join('\n'),
  )
  const proxy = await startProgram(['tinyproxy', '-d', '-c', config], {
    env: { LD_PRELOAD: preload, NSS_WRAPPER_HOSTS: hosts },
    ready: () => listens(port),
    clear: () => rm(directory, { recursive: true, force: true }),
  })
  return { host: `127.0.0.1:${port}`, log: proxy.output, stop: proxy.stop }
}

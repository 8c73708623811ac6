import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LabHost } from './lab-host.ts'
import { findProgram } from './need.ts'
import type { Program } from './program.ts'

/** Addresses by name. */
export type Zone = Record<string, string | string[]>

/** The programs that the resolvers of a lab need. */
export const resolverPrograms = ['dnsmasq', 'unbound']

const recordsOf = (zone: Zone): [name: string, address: string][] =>
  Object.entries(zone).flatMap(([name, addresses]) =>
    [addresses].flat().map((address): [string, string] => [name, address]),
  )

/** Starts dnsmasq at an address of a host, as an internal server: it knows these names and no others. */
export function startDnsmasq(
  host: LabHost,
  address: string,
  zone: Zone,
  options: string[] = [],
): Promise<Program> {
  return host.start(
    [
      findProgram('dnsmasq') ?? 'dnsmasq',
      '--keep-in-foreground',
      '--conf-file=/dev/null',
      '--no-resolv',
      '--no-hosts',
      '--user=root',
      '--pid-file=',
      '--bind-interfaces',
      '--except-interface=lo',
      `--listen-address=${address}`,
      // Without an upstream server, names that it does not know would be REFUSED.
      '--address=/#/',
      ...recordsOf(zone).map(([name, to]) => `--host-record=${name},${to}`),
      ...options,
    ],
    { name: 'dnsmasq', ready: () => isListening(host, address) },
  )
}

/** Starts unbound at an address of a host, as a public server: it knows these names and no others. */
export async function startUnbound(
  host: LabHost,
  address: string,
  zone: Zone,
  options: string[] = ['local-zone: "." static'],
): Promise<Program> {
  const directory = await mkdtemp(join(tmpdir(), 'regguard-unbound-'))
  const config = join(directory, 'unbound.conf')
  await writeFile(
    config,
    [
      'server:',
      'do-daemonize: no',
      'username: ""',
      'chroot: ""',
      `directory: "${directory}"`,
      'pidfile: ""',
      'use-syslog: no',
      `interface: ${address}`,
      'access-control: 0.0.0.0/0 allow',
      ...options,
      ...recordsOf(zone).map(([name, to]) => `local-data: "${name}. A ${to}"`),
      'remote-control:',
      'control-enable: no',
      '',
    ].join('\n'),
  )
  return host.start([findProgram('unbound') ?? 'unbound', '-d', '-c', config], {
    name: 'unbound',
    ready: () => isListening(host, address),
    clear: () => rm(directory, { recursive: true, force: true }),
  })
}

const isListening = async (host: LabHost, address: string): Promise<boolean> =>
  (await host.run('ss', ['-Hlun'])).includes(`${address}:53 `)

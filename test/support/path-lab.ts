import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Report } from '../../src/report/schema.ts'
import { type LabHost, makeLabHost } from './lab-host.ts'
import { type CliOptions, type CliResult, runCli } from './run-cli.ts'

/**
 * A path of four hosts, with IPv4 and IPv6:
 *
 *     client ── nat ── router ── server
 *      lan0  lan0 wan0  wan0 srv0  srv0
 *
 * `nat` masquerades the client's IPv4 addresses, as a CI host does for its containers.
 */
export type PathLab = {
  client: LabHost
  nat: LabHost
  router: LabHost
  server: LabHost
  /** Gives the server one more address; each is `203.0.113.N` or `2001:db8:3::N`. */
  addServerAddress(address: string): Promise<void>
  /** Runs regguard on the client. */
  run(args: string[], options?: LabRunOptions): Promise<LabRun>
  remove(): Promise<void>
}

/** Options of a run on the client. */
export type LabRunOptions = CliOptions & {
  /** The client's hosts file: addresses by name. */
  hosts?: Record<string, string | string[]>
  /** The client's resolv.conf; default: no server, so that no name is known but those of the hosts file. */
  resolvConf?: string
}

/** The result of a run, with its report; undefined where it wrote none. */
export type LabRun = CliResult & { report: Report | undefined }

/** The addresses of a lab. */
export const labAddresses = {
  client: '10.77.0.2',
  client6: '2001:db8:1::2',
  nat: '10.77.0.1',
  natWan: '198.51.100.2',
  router: '198.51.100.1',
  server: '203.0.113.10',
  server6: '2001:db8:3::10',
}

/** Makes the four hosts and their links. Needs root, `ip` and `nft`. */
export async function makePathLab(): Promise<PathLab> {
  const hosts: LabHost[] = []
  const remove = async () => {
    for (const host of hosts.splice(0)) await host.remove()
  }
  try {
    const add = async () => {
      const host = await makeLabHost()
      hosts.push(host)
      return host
    }
    const [client, nat, router, server] = [await add(), await add(), await add(), await add()]
    await link(
      client,
      nat,
      'lan0',
      ['10.77.0.2/24', '2001:db8:1::2/64'],
      ['10.77.0.1/24', '2001:db8:1::1/64'],
    )
    await link(
      nat,
      router,
      'wan0',
      ['198.51.100.2/24', '2001:db8:2::2/64'],
      ['198.51.100.1/24', '2001:db8:2::1/64'],
    )
    await link(
      router,
      server,
      'srv0',
      ['203.0.113.1/24', '2001:db8:3::1/64'],
      ['203.0.113.10/24', '2001:db8:3::10/64'],
    )
    for (const host of [nat, router])
      await host.run('sysctl', ['-qw', 'net.ipv4.ip_forward=1', 'net.ipv6.conf.all.forwarding=1'])
    await routes(client, '10.77.0.1', '2001:db8:1::1')
    await routes(nat, '198.51.100.1', '2001:db8:2::1')
    await routes(server, '203.0.113.1', '2001:db8:3::1')
    await router.ip('route add 2001:db8:1::/64 via 2001:db8:2::2')
    await nat.nft(`table ip lab {
      chain postrouting {
        type nat hook postrouting priority 100
        ip saddr 10.77.0.0/24 oifname "wan0" masquerade
      }
    }`)
    return {
      ...{ client, nat, router, server, remove },
      addServerAddress: (address) =>
        server.ip(`addr add ${address}/${address.includes(':') ? '64' : '24'} dev srv0`),
      run: (args, options) => runOn(client, args, options),
    }
  } catch (error) {
    await remove()
    throw error
  }
}

/** Joins two hosts by a pair of interfaces of one name. */
async function link(a: LabHost, b: LabHost, name: string, ofA: string[], ofB: string[]): Promise<void> {
  await a.ip(`link add ${name} type veth peer name ${name} netns ${b.name}`)
  for (const [host, addresses] of [[a, ofA] as const, [b, ofB] as const]) {
    for (const address of addresses) await host.ip(`addr add ${address} dev ${name}`)
    await host.ip(`link set ${name} up`)
  }
}

async function routes(host: LabHost, via: string, via6: string): Promise<void> {
  await host.ip(`route add default via ${via}`)
  await host.ip(`-6 route add default via ${via6}`)
}

/** Runs regguard on a host, in a mount namespace with its own hosts file and resolv.conf. */
async function runOn(host: LabHost, args: string[], options: LabRunOptions = {}): Promise<LabRun> {
  const { hosts = {}, resolvConf = '', ...cli } = options
  const directory = await mkdtemp(join(tmpdir(), 'regguard-lab-'))
  const file = (name: string) => join(directory, name)
  try {
    const lines = Object.entries({ localhost: ['127.0.0.1', '::1'], ...hosts }).flatMap(([name, addresses]) =>
      [addresses].flat().map((address) => `${address} ${name}\n`),
    )
    await writeFile(file('hosts'), lines.join(''))
    await writeFile(file('resolv.conf'), resolvConf)
    // Not `ip netns exec`, which mounts another /sys.
    const mounts = `mount -t sysfs sysfs /sys && mount --bind "$0/hosts" /etc/hosts && mount --bind "$0/resolv.conf" /etc/resolv.conf && exec "$@"`
    const result = await runCli(args, {
      ...cli,
      snapshot: true,
      through: ['nsenter', `--net=${host.path}`, 'unshare', '-m', 'sh', '-c', mounts, directory],
      env: { PLUGIN_REPORT_JSON: file('report.json'), ...cli.env },
    })
    const report = await readFile(file('report.json'), 'utf8').catch(() => undefined)
    return { ...result, report: report === undefined ? undefined : (JSON.parse(report) as Report) }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

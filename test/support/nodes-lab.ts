import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request as startRequest } from 'node:http'
import { createServer } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { contentsOf, image, randomLayer } from '../../src/fake-registry/images/images.ts'
import { startRegistry } from '../../src/fake-registry/registry.ts'
import type { Report } from '../../src/report/schema.ts'
import { type Authority, createAuthority } from './certs.ts'
import { type LabHost, makeLabHost } from './lab-host.ts'
import { mainFile } from './main-program.ts'
import { type Program, startProgram } from './program.ts'
import { type CliResult, runCli } from './run-cli.ts'
import { compileCache } from './run-directory.ts'

/** The programs that it needs. */
export const nodesLabPrograms = ['ip', 'nft', 'nsenter', 'unshare', 'openssl', 'curl']

/** Where the registry is inside, and the public address of the router, which reflects nothing. */
export const [inside, outside] = ['10.0.0.10', '198.51.100.2']
/** Public registries, beyond the router. */
export const beyond = { 'ghcr.io': '203.0.113.21', 'quay.io': '203.0.113.24' }
export const labImage = 'registry.lab/team/app:1'

/** A place that regguard runs at: its hosts file and resolv.conf, and its service account if it is a pod with one. */
interface Place {
  host: LabHost
  hosts: Record<string, string>
  resolvConf?: string
  account?: { token: string; ca: string }
}

/** A probe that runs on a node, or in a pod on it. */
interface LabProbe {
  node: string
  host: boolean
  ip: string
  port: number
  /** Its last report, as whoever is on the network reads it. */
  report(): Promise<Report | undefined>
}

/**
 * A hypervisor with seven machines on its bridge, the nodes of a cluster; a registry inside that all of them should use; and servers beyond the
 * router.
 *
 *     node-1 … node-7 ── hypervisor ── server
 *      eth0   pod0        br0 wan0      wan0
 */
export interface NodesLab {
  hypervisor: LabHost
  authority: Authority
  probes: LabProbe[]
  /** Runs regguard at the hypervisor. */
  run(
    args: string[],
    options?: { env?: Record<string, string>; account?: Place['account'] },
  ): Promise<CliResult>
  remove(): Promise<void>
}

/** Makes the lab, with a probe on each node and in pods of two of them. Needs root. */
export async function makeNodesLab(): Promise<NodesLab> {
  const undo: (() => unknown)[] = []
  const remove = async () => {
    for (const step of undo.splice(0).reverse()) await step()
  }
  const add = async () => {
    const host = await makeLabHost()
    undo.push(host.remove)
    return host
  }
  try {
    const [hypervisor, ingress, server] = [await add(), await add(), await add()]
    await hypervisor.ip('link add br0 type bridge')
    for (const address of ['10.0.0.1/24', '10.0.0.254/24']) await hypervisor.ip(`addr add ${address} dev br0`)
    await hypervisor.ip('link set br0 up')
    await join2(hypervisor, server, ['wan0', 'wan0'], [`${outside}/24`, '198.51.100.1/24'])
    await hypervisor.ip('route add default via 198.51.100.1')
    for (const address of Object.values(beyond)) await server.ip(`addr add ${address}/32 dev lo`)
    await hypervisor.run('sysctl', ['-qw', 'net.ipv4.ip_forward=1'])
    await hypervisor.nft(`table ip lab {
      chain postrouting {
        type nat hook postrouting priority 100
        ip saddr 10.0.0.0/24 oifname "wan0" masquerade
      }
      chain input {
        type filter hook input priority 0
        ip daddr ${outside} tcp dport 443 drop
      }
    }`)
    const onBridge = async (host: LabHost, at: number, gateway: string) => {
      await hypervisor.ip(`link add port${at} type veth peer name eth0 netns ${host.name}`)
      await hypervisor.ip(`link set port${at} master br0 up`)
      await host.ip(`addr add 10.0.0.${at}/24 dev eth0`)
      await host.ip('link set eth0 up')
      await host.ip(`route add default via ${gateway}`)
    }
    await onBridge(ingress, 10, '10.0.0.1')
    const authority = await createAuthority()
    undo.push(authority.remove)
    await serveRegistry(ingress, authority, undo)
    for (const [name, address] of Object.entries(beyond)) {
      const { key, cert } = await authority.issue({ names: [name], days: 25 })
      const web = createServer({ key, cert }, (_, response) => void response.writeHead(200).end('{}'))
      web.listen(await server.listen(address, 443))
      undo.push(() => web.close())
    }
    const nodes: LabHost[] = []
    for (let at = 1; at <= 7; at += 1) {
      const node = await add()
      await onBridge(node, 20 + at, at === 5 ? '10.0.0.254' : '10.0.0.1')
      nodes.push(node)
    }
    await nodes[4]?.ip('link set eth0 mtu 1400')
    const places: (Omit<LabProbe, 'report'> & { place: Place })[] = nodes.map((host, at) => ({
      ...{ node: `node-${at + 1}`, host: true, ip: `10.0.0.${21 + at}`, port: 9744 },
      // One node has not got the pin, and asks a public resolver.
      place: {
        host,
        hosts: { 'registry.lab': at === 2 ? outside : inside, ...beyond },
        resolvConf: `nameserver ${at === 2 ? '203.0.113.53' : '10.0.0.53'}\n`,
      },
    }))
    for (const at of [0, 2]) {
      const [pod, node] = [await add(), nodes[at] as LabHost]
      await join2(node, pod, ['pod0', 'eth0'], [`10.42.${at}.1/24`, `10.42.${at}.2/24`])
      await pod.ip(`route add default via 10.42.${at}.1`)
      await pod.ip('link set eth0 mtu 1450')
      await node.run('sysctl', ['-qw', 'net.ipv4.ip_forward=1'])
      await node.nft(`table ip lab {
        chain postrouting {
          type nat hook postrouting priority 100
          oifname "eth0" masquerade
        }
      }`)
      await hypervisor.ip(`route add 10.42.${at}.0/24 via 10.0.0.${21 + at}`)
      places.push({
        ...{ node: `node-${at + 1}`, host: false, ip: `10.42.${at}.2`, port: 9743 },
        place: {
          host: pod,
          hosts: { 'registry.lab': inside, ...beyond },
          resolvConf: 'nameserver 10.43.0.10\n',
        },
      })
    }
    const started = await Promise.allSettled(
      places.map(async ({ place, ...about }) => {
        const program = await startProbe(place, about, authority)
        undo.push(program.stop)
        return about
      }),
    )
    const failed = started.find((one) => one.status === 'rejected')
    if (failed) throw failed.reason
    const probes = places.map(({ place: _, ...about }) => ({
      ...about,
      report: async () => {
        const url = `http://${about.ip}:${about.port}/report`
        const text = await hypervisor.run('curl', ['-sf', '--max-time', '5', url]).catch(() => '')
        return text === '' ? undefined : (JSON.parse(text) as Report)
      },
    }))
    return {
      ...{ hypervisor, authority, probes, remove },
      run: async (args, { env = {}, account } = {}) => {
        const hosts = { 'registry.lab': inside, ...beyond }
        const { through, leave } = await enter({ host: hypervisor, hosts, ...(account ? { account } : {}) })
        try {
          return await runCli(args, {
            ...{ through, timeoutMs: 150_000 },
            env: { PLUGIN_CA_FILE: authority.caFile, PLUGIN_CHECKS: '', ...env },
          })
        } finally {
          await leave()
        }
      },
    }
  } catch (error) {
    await remove()
    throw error
  }
}

/** Joins two hosts by a pair of interfaces. */
async function join2(
  a: LabHost,
  b: LabHost,
  names: [string, string],
  addresses: [string, string],
): Promise<void> {
  await a.ip(`link add ${names[0]} type veth peer name ${names[1]} netns ${b.name}`)
  for (const [host, at] of [
    [a, 0],
    [b, 1],
  ] as const) {
    await host.ip(`addr add ${addresses[at]} dev ${names[at]}`)
    await host.ip(`link set ${names[at]} up`)
  }
}

/** The registry in memory, behind TLS at its address inside, with one whole image. */
async function serveRegistry(ingress: LabHost, authority: Authority, undo: (() => unknown)[]): Promise<void> {
  const registry = await startRegistry({})
  undo.push(registry.close)
  registry.store.push(
    'team/app',
    contentsOf(image('linux/amd64', { layers: [randomLayer({ bytes: 2048, seed: 'nodes' })] })),
    '1',
  )
  const { key, cert } = await authority.issue({ names: ['registry.lab'], days: 25 })
  const web = createServer({ key, cert }, (request, response) => {
    const { method, url, headers } = request
    const onward = startRequest(`http://${registry.host}${url}`, { method, headers } as object, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    onward.on('error', () => response.destroy())
    request.pipe(onward)
  })
  web.listen(await ingress.listen(inside, 443))
  undo.push(() => web.close())
}

/** The command that runs a program at a place, with its own /etc/hosts, /etc/resolv.conf and service account. */
async function enter({ host, hosts, resolvConf = '', account }: Place) {
  const directory = await mkdtemp(join(tmpdir(), 'regguard-nodes-'))
  const lines = Object.entries({ localhost: '127.0.0.1', ...hosts }).map(
    ([name, address]) => `${address} ${name}\n`,
  )
  await writeFile(join(directory, 'hosts'), lines.join(''))
  await writeFile(join(directory, 'resolv.conf'), resolvConf)
  if (account) {
    await mkdir(join(directory, 'account'))
    await writeFile(join(directory, 'account', 'token'), account.token)
    await writeFile(join(directory, 'account', 'ca.crt'), account.ca)
  }
  const script = [
    'set -e',
    'mount -t sysfs sysfs /sys',
    'mount --bind "$0/hosts" /etc/hosts',
    'mount --bind "$0/resolv.conf" /etc/resolv.conf',
    'if [ -d "$0/account" ]; then mount -t tmpfs tmpfs /run; mkdir -p /run/secrets/kubernetes.io; cp -r "$0/account" /run/secrets/kubernetes.io/serviceaccount; fi',
    'exec "$@"',
  ].join('\n')
  return {
    through: ['nsenter', `--net=${host.path}`, 'unshare', '-m', 'sh', '-c', script, directory],
    leave: () => rm(directory, { recursive: true, force: true }),
  }
}

async function startProbe(
  place: Place,
  { node, ip, port }: Omit<LabProbe, 'report'>,
  { caFile }: Authority,
): Promise<Program> {
  const { through, leave } = await enter(place)
  const endpoints = ['https://registry.lab/v2/', ...Object.keys(beyond)]
  const args = ['probe', ...endpoints, '--vantage', node, '--listen', `${ip}:${port}`, '--interval', '15s']
  return startProgram([...through, process.execPath, mainFile, ...args], {
    ...{ name: `the probe on ${node}`, clear: leave, limitMs: 150_000 },
    env: { PATH: process.env.PATH ?? '', PLUGIN_CA_FILE: caFile, ...compileCache() },
    ready: ({ output }) => output().includes('report at http://'),
  })
}

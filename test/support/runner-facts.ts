import { createHash } from 'node:crypto'
import type { Check } from '../../src/checks/define.ts'
import type { Area } from '../../src/core/observed.ts'
import type { Remedy } from '../../src/core/remedy.ts'
import type {
  ChainFact,
  ChurnFact,
  KernelProblem,
  LinkFact,
  NetworkFact,
  Owner,
  RulesFact,
  RunnerFact,
  TableFact,
} from '../../src/facts/runner.ts'
import { type Given, healthyFacts, type Reported, settingsWith } from './facts.ts'
import { routingFor } from './routing.ts'

/** When the inspection of the healthy runner ended. */
export const inspectedAt = Date.UTC(2026, 2, 1, 12)
export const second = 1000
export const minute = 60 * second
export const hour = 60 * minute

/** The id that Docker gave a network, the same for the same name. */
const networkIdOf = (name: string): string => createHash('sha256').update(name).digest('hex')

/** The name that Docker generates for a network's bridge. */
export const bridgeOf = (name: string): string => `br-${networkIdOf(name).slice(0, 12)}`

/** An area that was inspected. */
export const seenArea = <T>(value: T, from = 'the host'): Extract<Area<T>, { seen: true }> => ({
  seen: true,
  value,
  from,
})

/** An area that could not be inspected. */
export const unseenArea = (
  why = 'not in the host’s network namespace',
  remedies: Remedy[] = ['host-snapshot'],
): Extract<Area<never>, { seen: false }> => ({ seen: false, why, remedies, applies: true })

/** An area that does not exist on this kind of runner. */
export const inapplicableArea = (why = 'there is no engine'): Extract<Area<never>, { seen: false }> => ({
  ...unseenArea(why, []),
  applies: false,
})

type AreaName = Exclude<
  keyof RunnerFact,
  'vantage' | 'again' | 'interfaces' | 'egress' | 'daemons' | 'proxies' | 'published' | 'at'
>
type Value<K extends AreaName> = Extract<RunnerFact[K], { seen: true }>['value']

/** The value of an area; throws where it was not inspected. */
export function areaIn<K extends AreaName>(runner: RunnerFact, name: K): Value<K> {
  const area = runner[name] as Area<Value<K>>
  if (!area.seen) throw new Error(`the facts have no ${name}`)
  return area.value
}

/** A bridge network, one hour old, with one container; its id, bridge and subnet are derived from its name and `net`. */
export function networkOf(name: string, net = 18, change: Partial<NetworkFact> = {}): NetworkFact {
  return {
    id: networkIdOf(name),
    name,
    driver: 'bridge',
    owner: ownerOf(name),
    createdAt: inspectedAt - hour,
    bridge: bridgeOf(name),
    subnets: [`172.${net}.0.0/16`],
    gateways: [`172.${net}.0.1`],
    internal: false,
    masquerade: true,
    endpoints: 1,
    ...change,
  }
}

const ownerOf = (name: string): Owner =>
  name.startsWith('wp_') ? 'woodpecker' : name.startsWith('WORKFLOW-') ? 'forgejo' : 'compose'

/** The two user networks; `engineNetworks` are those that every engine has. */
export const woodpeckerNetwork = 'wp_01m0v4hxyz_0_default'
export const composeNetwork = 'registry_default'

export const engineNetworks = (): NetworkFact[] => [
  { ...networkOf('bridge', 17), bridge: 'docker0', owner: 'engine', createdAt: inspectedAt - 24 * hour },
  ...['host', 'none'].map((name): NetworkFact => {
    const { bridge: _none, ...rest } = networkOf(name, 0, { driver: name === 'none' ? 'null' : name })
    return {
      ...rest,
      owner: 'engine',
      createdAt: inspectedAt - 24 * hour,
      subnets: [],
      gateways: [],
      endpoints: 0,
    }
  }),
]

export const userNetworks = (): NetworkFact[] => [
  networkOf(woodpeckerNetwork, 18),
  networkOf(composeNetwork, 19),
]

/** Docker's default address pools: 31 subnets. */
const builtInPools = (): { base: string; size: number }[] => [
  ...[
    '172.17.0.0/16',
    '172.18.0.0/16',
    '172.19.0.0/16',
    '172.20.0.0/14',
    '172.24.0.0/14',
    '172.28.0.0/14',
  ].map((base) => ({ base, size: 16 })),
  { base: '192.168.0.0/16', size: 20 },
]

export const linkOf = (name: string, index: number, change: Partial<LinkFact> = {}): LinkFact => ({
  index,
  name,
  kind: '',
  up: true,
  carrier: true,
  mtu: 1500,
  addresses: [],
  ...change,
})

/** The links of a host with these networks: a bridge for each bridge network, and a veth for each container. */
export function linksOf(networks: NetworkFact[]): LinkFact[] {
  const links = [
    linkOf('lo', 1, { mtu: 65_536, addresses: ['127.0.0.1/8', '::1/128'] }),
    linkOf('eth0', 2, { addresses: ['192.0.2.20/24'] }),
  ]
  for (const { bridge, driver, endpoints = 0, gateways, subnets } of networks) {
    if (driver !== 'bridge' || bridge === undefined) continue
    const addresses = gateways.map((gateway, at) => `${gateway}/${subnets[at]?.split('/')[1]}`)
    links.push(linkOf(bridge, links.length + 1, { kind: 'bridge', carrier: endpoints > 0, addresses }))
    for (let at = 0; at < endpoints; at += 1) {
      const name = `veth${networkIdOf(`${bridge} ${at}`).slice(0, 7)}`
      links.push(linkOf(name, links.length + 1, { kind: 'veth', master: bridge }))
    }
  }
  return links
}

/**
 * The rules of these networks as Docker 20.10.24 writes them: `iptables-save` of a private engine with bridge networks of
 * the kinds plain, internal, without masquerading and with a custom name, recorded 2026-11-21.
 */
export function dockerRules(
  networks: NetworkFact[],
  backend: 'nft' | 'legacy' = 'nft',
  family: 'ip' | 'ip6' = 'ip',
): TableFact[] {
  const bridges = networks.flatMap(({ driver, bridge, ...rest }) =>
    driver === 'bridge' && bridge !== undefined ? [{ bridge, ...rest }] : [],
  )
  const open = bridges.filter(({ internal }) => !internal)
  const own = (subnets: string[]) => subnets.filter((one) => one.includes(':') === (family === 'ip6'))
  const filter: ChainFact[] = [
    { name: 'INPUT', hook: 'INPUT', policy: 'ACCEPT', rules: [] },
    {
      name: 'FORWARD',
      hook: 'FORWARD',
      policy: 'DROP',
      rules: [
        '-j DOCKER-USER',
        '-j DOCKER-ISOLATION-STAGE-1',
        ...bridges.flatMap(({ bridge, internal }) => [
          ...(internal
            ? []
            : [
                `-o ${bridge} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`,
                `-o ${bridge} -j DOCKER`,
                `-i ${bridge} ! -o ${bridge} -j ACCEPT`,
              ]),
          `-i ${bridge} -o ${bridge} -j ACCEPT`,
        ]),
      ],
    },
    { name: 'OUTPUT', hook: 'OUTPUT', policy: 'ACCEPT', rules: [] },
    { name: 'DOCKER', rules: [] },
    {
      name: 'DOCKER-ISOLATION-STAGE-1',
      rules: [
        ...bridges.flatMap(({ bridge, internal, subnets }) =>
          internal
            ? own(subnets).flatMap((subnet) => [
                `! -s ${subnet} -o ${bridge} -j DROP`,
                `! -d ${subnet} -i ${bridge} -j DROP`,
              ])
            : [`-i ${bridge} ! -o ${bridge} -j DOCKER-ISOLATION-STAGE-2`],
        ),
        '-j RETURN',
      ],
    },
    {
      name: 'DOCKER-ISOLATION-STAGE-2',
      rules: [...open.map(({ bridge }) => `-o ${bridge} -j DROP`), '-j RETURN'],
    },
    { name: 'DOCKER-USER', rules: ['-j RETURN'] },
  ]
  const masked = open.filter(({ masquerade }) => masquerade)
  const loopback = family === 'ip' ? '127.0.0.0/8' : '::1/128'
  const nat: ChainFact[] = [
    {
      name: 'PREROUTING',
      hook: 'PREROUTING',
      policy: 'ACCEPT',
      rules: ['-m addrtype --dst-type LOCAL -j DOCKER'],
    },
    { name: 'INPUT', hook: 'INPUT', policy: 'ACCEPT', rules: [] },
    {
      name: 'OUTPUT',
      hook: 'OUTPUT',
      policy: 'ACCEPT',
      rules: [`! -d ${loopback} -m addrtype --dst-type LOCAL -j DOCKER`],
    },
    {
      name: 'POSTROUTING',
      hook: 'POSTROUTING',
      policy: 'ACCEPT',
      rules: masked.flatMap(({ bridge, subnets }) =>
        own(subnets).map((subnet) => `-s ${subnet} ! -o ${bridge} -j MASQUERADE`),
      ),
    },
    { name: 'DOCKER', rules: masked.map(({ bridge }) => `-i ${bridge} -j RETURN`) },
  ]
  return [
    { backend, family, name: 'filter', chains: filter },
    { backend, family, name: 'nat', chains: nat },
  ]
}

export const rulesOf = (tables: TableFact[], change: Partial<RulesFact> = {}): RulesFact => ({
  tables,
  truncated: false,
  writers: [],
  unread: [],
  ...change,
})

/** Half an hour without network changes. */
export const churnOf = (
  changes: ChurnFact['changes'] = [],
  { overMs = 30 * minute, truncated = false } = {},
): ChurnFact => ({
  window: { from: inspectedAt - overMs, to: inspectedAt, truncated },
  changes,
})

/**
 * A healthy runner, inspected completely: Docker 20.10 with one Woodpecker and one compose network, all their rules, no network
 * changes, and open host ports.
 */
export function healthyRunner(): RunnerFact {
  const networks = [...engineNetworks(), ...userNetworks()]
  return {
    vantage: {
      container: 'docker',
      namespace: 'container',
      hostPid: false,
      uid: 0,
      capabilities: [],
      privileged: false,
      socket: { state: 'answers', path: '/var/run/docker.sock', flavour: 'docker' },
      hostView: 'sibling',
      nested: false,
      rootless: false,
    },
    engine: seenArea(
      {
        flavour: 'docker',
        version: '20.10.24',
        apiVersion: '1.41',
        minApiVersion: '1.12',
        pools: builtInPools(),
        rootless: false,
      },
      'the Docker socket',
    ),
    networks: seenArea(networks, 'the Docker socket'),
    churn: seenArea(churnOf(), 'Docker events'),
    links: seenArea(linksOf(networks)),
    rules: seenArea(rulesOf(dockerRules(networks))),
    routes: seenArea({
      routes: [
        { destination: 'default', device: 'eth0', gateway: '192.0.2.1' },
        { destination: '192.0.2.0/24', device: 'eth0' },
        ...networks.flatMap(({ bridge, subnets }) =>
          bridge === undefined ? [] : subnets.map((destination) => ({ destination, device: bridge })),
        ),
      ],
      local: ['127.0.0.1', '192.0.2.20', '172.17.0.1', '172.18.0.1', '172.19.0.1'],
      peers: ['192.0.2.7'],
      resolvers: ['192.0.2.53'],
    }),
    ports: seenArea(
      {
        chosen: 'listeners',
        targets: [
          {
            address: '172.17.0.1',
            name: 'gateway',
            ping: 'answered',
            pingMs: 0.1,
            canaries: [
              { port: 9, result: 'refused', ms: 1, code: 'ECONNREFUSED' },
              { port: 47_113, result: 'refused', ms: 1, code: 'ECONNREFUSED' },
            ],
            ports: [
              { port: 22, result: 'open', ms: 2, banner: 'came' },
              { port: 6443, result: 'open', ms: 2 },
            ],
          },
        ],
        listeners: [
          { address: '0.0.0.0', port: 22, queue: { waiting: 0, limit: 128 }, program: 'sshd' },
          { address: '::', port: 6443, queue: { waiting: 0, limit: 4096 }, program: 'k3s' },
        ],
        listenDrops: 0,
        beyond: 'reached',
      },
      'dialling',
    ),
    kernel: seenArea({ window: { from: inspectedAt - hour, to: inspectedAt, truncated: false }, lines: [] }),
    conntrack: seenArea({ count: 1758, max: 917_504, drops: 0 }),
    pressure: seenArea({ cpu: 2, io: 0.5, memory: 0, oomKills: 0, softnetDropped: 0, softnetSqueezed: 0 }),
    programs: seenArea(['systemd', 'dockerd', 'containerd', 'sshd']),
    at: inspectedAt,
  }
}

/** A change to a healthy runner. */
export type RunnerChange = (runner: RunnerFact) => void

export const allOf =
  (...changes: RunnerChange[]): RunnerChange =>
  (runner) => {
    for (const change of changes) change(runner)
  }

/** A runner without a finding: a description, the change, and the settings. */
export type QuietRunner = [sentence: string, change: RunnerChange, given?: Given]

/** The faults that a check finds on a healthy runner after a change. */
export function runnerFaultsOf(check: Check, change: RunnerChange = () => {}, given: Given = {}): Reported[] {
  const runner = healthyRunner()
  change(runner)
  return faultsIn(check, runner, given)
}

/** The faults that a check finds on this runner; without routes of its own, it has those of its links. */
export const faultsIn = (check: Check, runner: RunnerFact, given: Given = {}): Reported[] =>
  check
    .run({ ...healthyFacts(), runner: withRoutes(runner) }, settingsWith(given))
    .map((fault) => ({ severity: check.severity, ...fault }))

function withRoutes(runner: RunnerFact): RunnerFact {
  const { routes, links } = runner
  if (!routes.seen || routes.value.routing || !links.seen) return runner
  return { ...runner, routes: { ...routes, value: { ...routes.value, routing: routingFor(links.value) } } }
}

/** These networks instead of the two user networks, with matching links and Docker 20.10 rules. */
export const withNetworks =
  (...own: NetworkFact[]): RunnerChange =>
  (runner) => {
    const networks = [...engineNetworks(), ...own]
    runner.networks = seenArea(networks, 'the Docker socket')
    runner.links = seenArea(linksOf(networks))
    runner.rules = seenArea(rulesOf(dockerRules(networks)))
  }

export const withLink =
  (link: LinkFact): RunnerChange =>
  (runner) => {
    areaIn(runner, 'links').push(link)
  }

export const withoutLink =
  (name: string): RunnerChange =>
  (runner) => {
    const links = areaIn(runner, 'links')
    runner.links = seenArea(links.filter((link) => link.name !== name && link.master !== name))
  }

/** Without a network in the engine; its link and rules stay. */
export const withoutNetwork =
  (name: string): RunnerChange =>
  (runner) => {
    runner.networks = seenArea(areaIn(runner, 'networks').filter((network) => network.name !== name))
  }

/** The chain of a table; created where it is missing. */
export function chainIn(runner: RunnerFact, table: string, chain: string): ChainFact {
  const found = areaIn(runner, 'rules').tables.find(({ name, family }) => name === table && family === 'ip')
  if (!found) throw new Error(`the facts hold no table ${table}`)
  const existing = found.chains.find(({ name }) => name === chain)
  if (existing) return existing
  const created: ChainFact = { name: chain, rules: [] }
  found.chains.push(created)
  return created
}

export const withRules =
  (table: string, chain: string, ...rules: string[]): RunnerChange =>
  (runner) => {
    chainIn(runner, table, chain).rules.push(...rules)
  }

export const withTables =
  (...tables: TableFact[]): RunnerChange =>
  (runner) => {
    areaIn(runner, 'rules').tables.push(...tables)
  }

export const withoutChain =
  (table: string, chain: string): RunnerChange =>
  (runner) => {
    for (const one of areaIn(runner, 'rules').tables) {
      if (one.name === table) one.chains = one.chains.filter(({ name }) => name !== chain)
    }
  }

/** Without the rules that name a bridge, in all tables or in one. */
export const withoutRulesOf =
  (bridge: string, table?: string): RunnerChange =>
  (runner) => {
    for (const { name, chains } of areaIn(runner, 'rules').tables) {
      if (table !== undefined && name !== table) continue
      for (const chain of chains) chain.rules = chain.rules.filter((rule) => !rule.includes(bridge))
    }
  }

export const withPrograms =
  (...programs: string[]): RunnerChange =>
  (runner) => {
    areaIn(runner, 'programs').push(...programs)
  }

/** Network changes, each `ago` milliseconds before the end of the inspection. */
export const withChurn =
  (...changes: (Partial<ChurnFact['changes'][number]> & { ago: number })[]): RunnerChange =>
  (runner) => {
    for (const { ago, ...change } of changes)
      areaIn(runner, 'churn').changes.push({
        at: runner.at - ago,
        what: 'create',
        name: woodpeckerNetwork,
        owner: 'woodpecker',
        ...change,
      })
  }

/** CI networks created one after another, the last one `ago` milliseconds before the end of the inspection. */
export const withBurst = (networks: number, everyMs: number, ago = 2 * minute): RunnerChange =>
  withChurn(
    ...Array.from({ length: networks }, (_, at) => ({
      ago: ago + (networks - 1 - at) * everyMs,
      name: `wp_burst_${at}_default`,
      bridge: bridgeOf(`wp_burst_${at}_default`),
    })),
  )

/** A line of the kernel log, `ago` milliseconds before the end of the inspection. */
export const withKernelLine =
  (kind: KernelProblem, text: string, ago = minute): RunnerChange =>
  (runner) => {
    areaIn(runner, 'kernel').lines.push({ at: runner.at - ago, kind, text })
  }

/** Areas that this run could not inspect. */
export const without =
  (...names: AreaName[]): RunnerChange =>
  (runner) => {
    for (const name of names) runner[name] = unseenArea()
  }

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

/** When the look at the healthy runner ended. */
export const inspectedAt = Date.UTC(2026, 2, 1, 12)
export const second = 1000
export const minute = 60 * second
export const hour = 60 * minute

/** The id that Docker gave a network, the same for the same name. */
export const networkIdOf = (name: string): string => createHash('sha256').update(name).digest('hex')

/** The name of a network's bridge, as Docker makes it. */
export const bridgeOf = (name: string): string => `br-${networkIdOf(name).slice(0, 12)}`

export const shown = <T>(value: T, from = 'the host'): Extract<Area<T>, { seen: true }> => ({
  seen: true,
  value,
  from,
})

/** A look that could not be had. */
export const hidden = (
  why = 'not in the host’s network namespace',
  remedies: Remedy[] = ['host-snapshot'],
): Extract<Area<never>, { seen: false }> => ({ seen: false, why, remedies, applies: true })

/** A look at what does not exist on this kind of runner. */
export const inapplicable = (why = 'there is no engine'): Extract<Area<never>, { seen: false }> => ({
  ...hidden(why, []),
  applies: false,
})

type Lookup = Exclude<keyof RunnerFact, 'vantage' | 'again' | 'interfaces' | 'at'>
type Value<K extends Lookup> = Extract<RunnerFact[K], { seen: true }>['value']

/** What a look has seen; throws where it has not. */
export function areaIn<K extends Lookup>(runner: RunnerFact, name: K): Value<K> {
  const look = runner[name] as Area<Value<K>>
  if (!look.seen) throw new Error(`the facts have no ${name}`)
  return look.value
}

/** A bridge network an hour old with one container; its id, bridge and subnet come from its name and `net`. */
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

/** The two networks of users, and those that every engine has. */
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

/** What Docker takes networks from unless it is told otherwise: 31 of them. */
export const builtInPools = (): { base: string; size: number }[] => [
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

/** The links of a host with these networks: each bridge network has a bridge, with a veth for each container. */
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
 * the kinds plain, internal, without masquerading and of a name of its own, recorded 2026-11-21.
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

/** A quiet half hour. */
export const churnOf = (
  changes: ChurnFact['changes'] = [],
  { overMs = 30 * minute, truncated = false } = {},
): ChurnFact => ({
  window: { from: inspectedAt - overMs, to: inspectedAt, truncated },
  changes,
})

/**
 * A runner seen in full, and in order: Docker 20.10 with one network of Woodpecker and one of compose, every rule in
 * place, nothing that came or went, and the host's ports as they should be.
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
    engine: shown(
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
    networks: shown(networks, 'the Docker socket'),
    churn: shown(churnOf(), 'Docker events'),
    links: shown(linksOf(networks)),
    rules: shown(rulesOf(dockerRules(networks))),
    routes: shown({
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
    ports: shown(
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
    kernel: shown({ window: { from: inspectedAt - hour, to: inspectedAt, truncated: false }, lines: [] }),
    conntrack: shown({ count: 1758, max: 917_504, drops: 0 }),
    pressure: shown({ cpu: 2, io: 0.5, memory: 0, oomKills: 0, softnetDropped: 0, softnetSqueezed: 0 }),
    programs: shown(['systemd', 'dockerd', 'containerd', 'sshd']),
    at: inspectedAt,
  }
}

/** One thing that is different from a healthy runner. */
export type RunnerChange = (runner: RunnerFact) => void

export const allOf =
  (...changes: RunnerChange[]): RunnerChange =>
  (runner) => {
    for (const change of changes) change(runner)
  }

/** A near miss: a sentence, what is different, and with which settings. */
export type QuietRunner = [sentence: string, change: RunnerChange, given?: Given]

/** What a check says of a healthy runner with one thing changed. */
export function runnerFaultsOf(check: Check, change: RunnerChange = () => {}, given: Given = {}): Reported[] {
  const runner = healthyRunner()
  change(runner)
  return toldOf(check, runner, given)
}

/** What a check says of this runner. */
export const toldOf = (check: Check, runner: RunnerFact, given: Given = {}): Reported[] =>
  check
    .run({ ...healthyFacts(), runner }, settingsWith(given))
    .map((fault) => ({ severity: check.severity, ...fault }))

/** These networks in place of the users' own, with links and Docker 20.10 rules to fit. */
export const withNetworks =
  (...own: NetworkFact[]): RunnerChange =>
  (runner) => {
    const networks = [...engineNetworks(), ...own]
    runner.networks = shown(networks, 'the Docker socket')
    runner.links = shown(linksOf(networks))
    runner.rules = shown(rulesOf(dockerRules(networks)))
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
    runner.links = shown(links.filter((link) => link.name !== name && link.master !== name))
  }

/** Without a network, as the engine tells; its link and rules stay. */
export const withoutNetwork =
  (name: string): RunnerChange =>
  (runner) => {
    runner.networks = shown(areaIn(runner, 'networks').filter((network) => network.name !== name))
  }

/** The chain of a table; made where it is missing. */
export function chainIn(runner: RunnerFact, table: string, chain: string): ChainFact {
  const found = areaIn(runner, 'rules').tables.find(({ name, family }) => name === table && family === 'ip')
  if (!found) throw new Error(`the facts hold no table ${table}`)
  const known = found.chains.find(({ name }) => name === chain)
  if (known) return known
  const made: ChainFact = { name: chain, rules: [] }
  found.chains.push(made)
  return made
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

/** Every rule that names the interface is gone, in all tables or in one. */
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

/** Networks that came or went before the look, each so many milliseconds before it. */
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

/** So many networks of CI that were made one after another, the last one so long before the look. */
export const withBurst = (networks: number, everyMs: number, ago = 2 * minute): RunnerChange =>
  withChurn(
    ...Array.from({ length: networks }, (_, at) => ({
      ago: ago + (networks - 1 - at) * everyMs,
      name: `wp_burst_${at}_default`,
      bridge: bridgeOf(`wp_burst_${at}_default`),
    })),
  )

/** A line of the kernel log, so long before the look. */
export const withKernelLine =
  (kind: KernelProblem, text: string, ago = minute): RunnerChange =>
  (runner) => {
    areaIn(runner, 'kernel').lines.push({ at: runner.at - ago, kind, text })
  }

/** A look that this run could not have. */
export const without =
  (...names: Lookup[]): RunnerChange =>
  (runner) => {
    for (const name of names) runner[name] = hidden()
  }

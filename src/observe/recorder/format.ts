import * as z from 'zod'
import type { RunnerFact } from '../../core/model.ts'

/** Every word that the format itself has. A secret that happens to be one of them must not be taken out of a recording. */
export const vocabulary = new Set<string>()

function oneOf<const W extends string>(...words: W[]) {
  for (const word of words) vocabulary.add(word)
  return z.enum(words)
}

const name = z.string()
const text = z.string()
const at = z.number()
const window = z.object({ from: at, to: at, truncated: z.boolean() })

const need = oneOf(
  'docker-socket',
  'socket-access',
  'host-snapshot',
  'host-network',
  'host-pid',
  'kernel-log',
  'net-admin',
  'tools',
  'listeners',
)
const unseen = z.object({ seen: z.literal(false), why: text, needs: z.array(need), applies: z.boolean() })
const look = <T extends z.ZodType>(value: T) =>
  z.union([z.object({ seen: z.literal(true), value, from: text }), unseen])

const path = text
const socket = z.union([
  z.object({ state: oneOf('absent'), path }),
  z.object({ state: oneOf('unreadable'), path, group: z.number() }),
  z.object({ state: oneOf('useless'), path, why: text }),
  z.object({ state: oneOf('unsupported'), path, version: text, min: text, max: text, ours: text }),
  z.object({ state: oneOf('answers'), path, flavour: oneOf('docker', 'podman') }),
])

const vantage = z.object({
  platform: oneOf('woodpecker', 'forgejo', 'gitea', 'github', 'plain').exactOptional(),
  container: oneOf('docker', 'podman', 'kubernetes', 'none'),
  namespace: oneOf('initial', 'daemon', 'container'),
  hostPid: z.boolean(),
  uid: z.number(),
  capabilities: z.array(name),
  privileged: z.boolean(),
  socket,
  hostView: oneOf('here', 'host pid', 'sibling', 'none'),
  nested: z.boolean(),
  rootless: z.boolean(),
  trusted: z.object({ network: z.boolean(), volumes: z.boolean(), security: z.boolean() }).exactOptional(),
  snapshotFailed: text.exactOptional(),
})

const engine = z.object({
  flavour: oneOf('docker', 'podman'),
  version: text,
  apiVersion: text,
  minApiVersion: text,
  firewall: oneOf('iptables', 'nftables', 'firewalld').exactOptional(),
  pools: z.array(z.object({ base: text, size: z.number() })),
  rootless: z.boolean(),
})

const owner = oneOf(
  'woodpecker',
  'forgejo',
  'act',
  'gitea',
  'compose',
  'buildx',
  'regguard',
  'engine',
  'other',
)

const network = z.object({
  id: text,
  name,
  driver: text,
  owner,
  createdAt: at.exactOptional(),
  bridge: name.exactOptional(),
  subnets: z.array(text),
  gateways: z.array(text),
  internal: z.boolean(),
  masquerade: z.boolean(),
  mtu: z.number().exactOptional(),
  endpoints: z.number().exactOptional(),
  addresses: z.array(text).exactOptional(),
})

const churn = z.object({
  scope: oneOf('namespace', 'machine').exactOptional(),
  window,
  changes: z.array(
    z.object({
      at,
      what: oneOf('create', 'destroy', 'attach', 'detach'),
      name,
      owner,
      bridge: name.exactOptional(),
    }),
  ),
})

const link = z.object({
  index: z.number().exactOptional(),
  name,
  kind: text,
  up: z.boolean().exactOptional(),
  carrier: z.boolean().exactOptional(),
  mtu: z.number().exactOptional(),
  master: name.exactOptional(),
  addresses: z.array(text),
})

const backend = oneOf('nft', 'legacy', 'native')
const chain = z.object({
  name,
  policy: text.exactOptional(),
  hook: text.exactOptional(),
  rules: z.array(text),
  leftOut: z.number().exactOptional(),
})
const table = z.object({
  backend,
  family: oneOf('ip', 'ip6', 'inet', 'bridge', 'arp', 'netdev'),
  name,
  chains: z.array(chain),
  sets: z.array(z.object({ name, elements: z.array(text) })).exactOptional(),
})
const rules = z.object({
  tables: z.array(table),
  truncated: z.boolean(),
  passing: z.array(name).exactOptional(),
  samples: z
    .object({
      taken: z.number(),
      overMs: z.number(),
      withoutUserJump: z.number(),
      distinct: z.number(),
      firstRules: z.array(text),
    })
    .exactOptional(),
  writers: z.array(z.object({ program: name, changes: z.number() })),
  unwatched: text.exactOptional(),
  lock: z.object({ heldBy: name, waitedMs: z.number() }).exactOptional(),
  unread: z.array(z.object({ backend, why: text })),
})

const routes = z.object({
  routes: z.array(z.object({ destination: text, device: name, gateway: text.exactOptional() })),
  local: z.array(text),
  peers: z.array(text),
  resolvers: z.array(text),
  learnedMtus: z
    .array(z.object({ destination: text, mtu: z.number(), expiresInMs: z.number() }))
    .exactOptional(),
})

const dial = z.object({
  port: z.number(),
  result: oneOf('open', 'refused', 'timeout', 'unreachable', 'failed'),
  ms: z.number(),
  code: text.exactOptional(),
  banner: oneOf('came', 'closed', 'silent').exactOptional(),
  bannerMs: z.number().exactOptional(),
})
const listener = z.object({
  address: text,
  port: z.number(),
  queue: z.object({ waiting: z.number(), limit: z.number() }).exactOptional(),
  program: name.exactOptional(),
})
const ports = z.object({
  chosen: oneOf('settings', 'listeners', 'usual'),
  targets: z.array(
    z.object({
      address: text,
      name: oneOf('gateway', 'listener', 'node', 'loopback'),
      host: text.exactOptional(),
      ping: oneOf('answered', 'silent', 'unreachable', 'not possible'),
      pingMs: z.number().exactOptional(),
      pingSaid: text.exactOptional(),
      datagram: oneOf('refused', 'unreachable', 'silent').exactOptional(),
      neighbour: z.literal('missing').exactOptional(),
      canaries: z.array(dial),
      ports: z.array(dial),
    }),
  ),
  skipped: z.array(z.object({ what: text, why: text })).exactOptional(),
  listeners: z.array(listener),
  listenDrops: z.number().exactOptional(),
  beyond: oneOf('reached', 'not reached').exactOptional(),
})

const kernel = z.object({
  window,
  lines: z.array(
    z.object({
      at,
      kind: oneOf('conntrack-full', 'out-of-memory', 'netdev-leak', 'syn-flood', 'neighbour-overflow'),
      text,
    }),
  ),
})
const conntrack = z.object({ count: z.number(), max: z.number(), drops: z.number().exactOptional() })
const pressure = z.object({
  cpu: z.number().exactOptional(),
  io: z.number().exactOptional(),
  memory: z.number().exactOptional(),
  oomKills: z.number(),
  softnetDropped: z.number(),
  softnetSqueezed: z.number(),
})

const joined = { networks: look(z.array(network)), links: look(z.array(link)), rules: look(rules) }

const runner = z.object({
  vantage,
  engine: look(engine),
  ...joined,
  churn: look(churn),
  routes: look(routes),
  ports: look(ports),
  kernel: look(kernel),
  conntrack: look(conntrack),
  pressure: look(pressure),
  interfaces: z.object({ made: z.number(), uptimeMs: z.number() }).exactOptional(),
  programs: look(z.array(name)),
  again: z.object(joined).exactOptional(),
  at,
})

/** Names the format, so that a file of something else is told from a damaged one. */
export const formatName = 'regguard recording'
/** Goes up when a recording of before can no longer be read. */
export const formatVersion = 1

/** What a recorded file holds. */
export const recordingSchema = z.object({
  format: z.literal(formatName),
  version: z.literal(formatVersion),
  facts: runner,
})

/** Only the names: of a recording that this program may be too old for. */
export const anyVersionSchema = z.object({ format: z.literal(formatName), version: z.number() })

/** What JSON leaves as it is, and a terminal obeys. */
const obeyed = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g

/** The text of a recorded file. */
export function recordingText(facts: RunnerFact, indent?: number): string {
  const recording: z.infer<typeof recordingSchema> = { format: formatName, version: formatVersion, facts }
  const text = JSON.stringify(recording, undefined, indent)
  return text.replace(obeyed, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

/** Does not compile where this schema lacks a word of the facts: it would be lost in a recording. */
export const holdsAllFacts: Same<z.infer<typeof runner>, RunnerFact> = true

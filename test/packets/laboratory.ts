import { execa } from 'execa'
import { makeNetworkNamespace, type NetworkNamespace } from '../support/network-namespace.ts'
import { type Agent, startAgent } from './namespace-agent.ts'

/** The places of the laboratory. */
export type Place = 'host' | 'uplink' | 'one' | 'two' | 'other'

/** Where everything is: a host with two bridges and an uplink, two containers at the first bridge and one at the second. */
export const plan = {
  bridges: { first: 'bra', second: 'brb' },
  uplink: 'up0',
  addresses: {
    first: '172.31.1.1',
    second: '172.31.2.1',
    host: '10.99.0.2',
    gateway: '10.99.0.1',
    internet: '203.0.113.1',
    one: '172.31.1.2',
    two: '172.31.1.3',
    other: '172.31.2.2',
  },
  /** The same in IPv6. */
  addresses6: {
    first: 'fd00:31:1::1',
    second: 'fd00:31:2::1',
    host: '2001:db8:99::2',
    gateway: '2001:db8:99::1',
    internet: '2001:db8:113::1',
    one: 'fd00:31:1::2',
    two: 'fd00:31:1::3',
    other: 'fd00:31:2::2',
  },
  ports: { one: 'v1', two: 'v2', other: 'v3' },
  /** The ports that something listens on everywhere. */
  listening: [80, 443, 8080],
  /** Something answers datagrams at this port and at those. */
  resolver: 53,
} as const

const { addresses, addresses6, ports, bridges, uplink } = plan

/** Namespaces that are connected as the plan says, with an agent in each. */
export interface Laboratory {
  agents: Record<Place, Agent>
  /** Runs a program in the host; rejects as execa does. */
  onHost(program: string, args: string[], input?: string): Promise<string>
  /** What arrived at a place since this was last asked. */
  arrived(place: Place): Promise<Arrived>
  /** Adds the judge to the host, whose rule set was replaced. */
  judgeHost(): Promise<void>
  stop(): Promise<void>
}

/** First packets of connections by their source port, and answers to them by their destination port. */
interface Arrived {
  opened: Set<number>
  answered: Set<number>
}

const places = ['host', 'uplink', 'one', 'two', 'other'] as const

export async function startLaboratory(): Promise<Laboratory> {
  const made = new Map<Place, NetworkNamespace>()
  const agents = new Map<Place, Agent>()
  const stop = async () => {
    await Promise.all([...agents.values()].map((agent) => agent.stop()))
    await Promise.all([...made.values()].map((namespace) => namespace.remove()))
  }
  try {
    for (const place of places) made.set(place, await makeNetworkNamespace())
    const namespaceOf = (place: Place) => inPlan(made, place)
    await connectAll(namespaceOf)
    for (const place of places) agents.set(place, startAgent(namespaceOf(place)))
    const agentOf = (place: Place) => inPlan(agents, place)
    await Promise.all(
      places.map((place) =>
        agentOf(place).ask({
          kind: 'listen',
          ports: [...plan.listening],
          datagrams: [...plan.listening, plan.resolver],
        }),
      ),
    )
    return {
      agents: Object.fromEntries(agents) as Record<Place, Agent>,
      onHost: async (program, args, input = '') =>
        (await execa('nsenter', [`--net=${namespaceOf('host').path}`, program, ...args], { input })).stdout,
      async arrived(place) {
        const text = await namespaceOf(place).run('nft', ['-j', 'list', 'table', 'inet', 'judge'])
        for (const name of ['opened', 'answered'])
          await namespaceOf(place).run('nft', ['flush', 'set', 'inet', 'judge', name])
        return { opened: portsIn(text, 'opened'), answered: portsIn(text, 'answered') }
      },
      judgeHost: () => loadJudge(namespaceOf('host')),
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

function inPlan<K, V>(map: Map<K, V>, key: K): V {
  const value = map.get(key)
  if (value === undefined) throw new Error(`the laboratory has no ${key}`)
  return value
}

/** The elements of a set in the output of `nft -j list table`. */
function portsIn(text: string, name: string): Set<number> {
  const { nftables } = JSON.parse(text) as {
    nftables: { set?: { name: string; elem?: (number | { elem: { val: number } })[] } }[]
  }
  const elements = nftables.flatMap(({ set }) => (set?.name === name ? (set.elem ?? []) : []))
  return new Set(elements.map((one) => (typeof one === 'number' ? one : one.elem.val)))
}

// What a socket reports is not enough: where the third packet is rejected, connect(2) fails although the answer came.
// In the host it comes after all rules of the hook, and what it says is not part of the facts.
const judge = `table inet judge {
	set opened {
		type inet_service
		flags dynamic
		size 65535
	}
	set answered {
		type inet_service
		flags dynamic
		size 65535
	}
	chain c {
		type filter hook input priority 100000; policy accept;
		tcp flags syn / syn,ack add @opened { tcp sport }
		tcp flags syn,ack / syn,ack add @answered { tcp dport }
		udp sport 20000-65535 udp dport 1-19999 add @opened { udp sport }
		udp sport 1-19999 udp dport 20000-65535 add @answered { udp dport }
	}
}
`

const cable = 'c0'
/** Fixed hardware addresses and neighbours: rules must not decide about ARP. */
const mac = (at: number) => `02:00:00:00:00:0${at}`

async function connectAll(of: (place: Place) => NetworkNamespace): Promise<void> {
  const ip = (place: Place, ...args: string[]) => of(place).run('ip', args)
  /** Both addresses of a name, each with its prefix length; without DAD, which takes seconds. */
  const address = async (
    place: Place,
    name: keyof typeof addresses,
    device: string,
    [four, six] = [24, 64],
  ) => {
    await ip(place, 'addr', 'add', `${addresses[name]}/${four}`, 'dev', device)
    await ip(place, 'addr', 'add', `${addresses6[name]}/${six}`, 'dev', device, 'nodad')
  }
  const gateway = async (place: Place, name: keyof typeof addresses) => {
    await ip(place, 'route', 'add', 'default', 'via', addresses[name])
    await ip(place, '-6', 'route', 'add', 'default', 'via', addresses6[name])
  }
  const neighbour = async (place: Place, name: keyof typeof addresses, at: number, device: string) => {
    for (const one of [addresses[name], addresses6[name]])
      await ip(place, 'neigh', 'replace', one, 'lladdr', mac(at), 'dev', device)
  }
  for (const [at, bridge] of [bridges.first, bridges.second].entries()) {
    await ip('host', 'link', 'add', bridge, 'address', mac(at + 1), 'type', 'bridge')
    await address('host', at === 0 ? 'first' : 'second', bridge)
    await ip('host', 'link', 'set', bridge, 'up')
  }
  const ends = [
    { place: 'one', port: ports.one, bridge: bridges.first, router: 'first', at: 3 },
    { place: 'two', port: ports.two, bridge: bridges.first, router: 'first', at: 4 },
    { place: 'other', port: ports.other, bridge: bridges.second, router: 'second', at: 5 },
  ] as const
  for (const { place, port, bridge, router, at } of ends) {
    await ip('host', 'link', 'add', port, 'type', 'veth', 'peer', 'name', cable, 'netns', of(place).name)
    await ip('host', 'link', 'set', port, 'master', bridge, 'up')
    await ip(place, 'link', 'set', cable, 'address', mac(at), 'up')
    await address(place, place, cable)
    await gateway(place, router)
    await neighbour('host', place, at, bridge)
    await neighbour(place, router, bridge === bridges.first ? 1 : 2, cable)
  }
  await neighbour('one', 'two', 4, cable)
  await neighbour('two', 'one', 3, cable)
  await ip('host', 'link', 'add', uplink, 'type', 'veth', 'peer', 'name', cable, 'netns', of('uplink').name)
  await ip('host', 'link', 'set', uplink, 'address', mac(6), 'up')
  await address('host', 'host', uplink)
  await ip('uplink', 'link', 'set', cable, 'address', mac(7), 'up')
  await address('uplink', 'gateway', cable)
  await address('uplink', 'internet', 'lo', [32, 128])
  // A packet that leaves without masquerading finds its way back, so that rules alone decide.
  await ip('uplink', 'route', 'add', '172.31.0.0/16', 'via', addresses.host)
  await ip('uplink', '-6', 'route', 'add', 'fd00:31::/32', 'via', addresses6.host)
  await gateway('host', 'gateway')
  await neighbour('host', 'gateway', 7, uplink)
  await neighbour('uplink', 'host', 6, cable)
  for (const place of places) await loadJudge(of(place))
}

const loadJudge = async ({ path }: NetworkNamespace): Promise<void> =>
  void (await execa('nsenter', [`--net=${path}`, 'nft', '-f', '-'], { input: judge }))

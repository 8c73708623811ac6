import { readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { startEngine } from '../support/engine.ts'
import { findProgram } from '../support/need.ts'
import { type Program, startProgram } from '../support/program.ts'
import type { State } from './heal.ts'
import type { Lab } from './lab.ts'
import { clamp } from './loops.ts'
import { otherBridge } from './states-rules.ts'

const jobs = (count: number) => Array.from({ length: count }, (_, at) => `wp_job${at}_0_default`)

async function createJobs({ docker }: Lab, count: number): Promise<{ NAME: string[] }> {
  const names = jobs(count)
  const existing = (await docker(['network', 'ls', '--format={{.Name}}'])).split('\n')
  for (const name of names) if (!existing.includes(name)) await docker(['network', 'create', name])
  return { NAME: names }
}

const removeJobs = async ({ docker }: Lab) => {
  const existing = (await docker(['network', 'ls', '--format={{.Name}}'])).split('\n')
  const left = existing.filter((name) => name.startsWith('wp_job'))
  if (left.length > 0) await docker(['network', 'rm', ...left])
}

/** Networks that changed a moment ago. */
const busy = { 'bridge-churn-burst': 'many networks were created for this state' }

const pool = (finding: string, count: number): State[] => [
  {
    ...{ finding, name: 'networks that jobs left', leaves: busy },
    make: (lab) => createJobs(lab, count),
    clear: removeJobs,
  },
  {
    ...{ finding, name: 'other pools', leaves: busy },
    make: (lab) => createJobs(lab, count),
    clear: async (lab) => {
      await removeJobs(lab)
      await lab.reset()
    },
  },
]

/** Makes the networks of jobs a day older: writes their time of creation, of the same length, into Docker's stopped store. */
async function age(directory: string): Promise<void> {
  const file = join(directory, 'data/network/files/local-kv.db')
  const store = await readFile(file, 'latin1')
  const day = 24 * 3_600_000
  const older = store.replaceAll(
    /"created":"(\d{4}-\d\d-\d\d)T((?:(?!"created")[^\0])*?"name":"wp_job)/g,
    (_, date: string, rest: string) =>
      `"created":"${new Date(Date.parse(date) - day).toISOString().slice(0, 10)}T${rest}`,
  )
  await writeFile(file, older, 'latin1')
}

const unusable = (name: string, command: (bridge: string) => string): State => ({
  ...{ finding: 'docker-bridge-unusable', name },
  make: async ({ shell, bridgeOf, docker }) => {
    const BRIDGE = await bridgeOf('second')
    const gateway = await docker(['network', 'inspect', '-f', '{{(index .IPAM.Config 0).Gateway}}', 'second'])
    await shell(command(BRIDGE))
    return { BRIDGE, 'GATEWAY/PREFIX': `${gateway}/24` }
  },
})

const rulesOf = (bridge: string, flag: 'A' | 'D') =>
  `iptables -t filter -${flag} DOCKER-USER -i ${bridge} -j ACCEPT; iptables -t filter -${flag} DOCKER-USER -o ${bridge} -j ACCEPT; iptables -t nat -${flag} POSTROUTING -s 10.0.3.0/24 ! -o ${bridge} -j MASQUERADE`
/** The bridge of another program, with guests whose packets are larger than the uplink takes. */
const jumboBridge = `${otherBridge('lxcbr0', '10.0.3.1/24')} && ip link set guest1 mtu 9000 && ip link set guest0 mtu 9000 && ip link set lxcbr0 mtu 9000 && { ${rulesOf('lxcbr0', 'A').replaceAll('-A DOCKER-USER', '-I DOCKER-USER')}; }`
const withoutJumboBridge = `${rulesOf('lxcbr0', 'D')}; ip link delete lxcbr0; ip link delete guest0; nft delete table inet clamp; iptables -t mangle -F FORWARD; ip6tables -t mangle -F FORWARD`

/** Five links without a container. */
const veths = [0, 1, 2, 3, 4].map((at) => `vetha0b1c0${at}`)
let proxy: Program | undefined

export const networkStates: State[] = [
  unusable(
    'down and without its address',
    (bridge) => `ip address flush dev ${bridge} && ip link set ${bridge} down`,
  ),
  {
    ...{ finding: 'ip-forwarding-off', name: 'disabled' },
    make: async ({ shell }) => void (await shell('sysctl -q -w net.ipv4.ip_forward=0')),
  },
  {
    ...{ finding: 'orphan-docker-bridge', name: 'left by a failed create' },
    make: async ({ shell, docker, engine }) => {
      const before = (await shell('ip -o link')).split('\n').length
      await shell('iptables -t nat -F && iptables -t nat -X')
      await docker(['network', 'create', 'failed']).then(
        () => Promise.reject(new Error('the network was created')),
        () => {},
      )
      await engine.restart()
      const links = await shell('ip -o link')
      if (links.split('\n').length <= before) throw new Error('no bridge is left')
      const known = (await docker(['network', 'ls', '-q'])).split('\n')
      const [BRIDGE = ''] = [...links.matchAll(/ (br-([0-9a-f]{12})):/g)]
        .filter(([, , id = '']) => !known.includes(id))
        .map(([, name = '']) => name)
      const rules = await shell('iptables-save -t nat')
      const SUBNET = new RegExp(`-s (\\S+) ! -o ${BRIDGE} `).exec(rules)?.[1] ?? ''
      return { BRIDGE, SUBNET }
    },
  },
  {
    ...{ finding: 'container-no-egress', name: 'a route of a VPN' },
    make: async ({ shell, subnetOf }) => {
      const SUBNET = await subnetOf('second')
      await shell(
        `ip rule del priority 5269 2> /dev/null; ip link show tun0 > /dev/null 2>&1 || { ip link add tun0 type veth peer name tun1 && ip link set tun0 up && ip link set tun1 up; }; ip route replace ${SUBNET} dev tun0 table 52; ip rule show | grep -q 'lookup 52' || ip rule add lookup 52 priority 5270`,
      )
      return { SUBNET, NUMBER: '5269' }
    },
    clear: ({ tidy }) => tidy('ip rule del priority 5269; ip rule del priority 5270; ip link delete tun0'),
  },
  {
    ...{ finding: 'container-no-egress', name: 'a route that discards' },
    make: async ({ shell, subnetOf }) =>
      void (await shell(`ip route add blackhole ${(await subnetOf('second')).replace('/24', '/25')}`)),
  },
  {
    ...{ finding: 'container-no-egress', name: 'the route to a network deleted' },
    make: async ({ shell, subnetOf, bridgeOf }) =>
      void (await shell(`ip route del ${await subnetOf('second')} dev ${await bridgeOf('second')}`)),
  },
  {
    ...{ finding: 'container-no-egress', name: 'forwarding disabled for a bridge' },
    make: async ({ shell, bridgeOf }) => {
      const BRIDGE = await bridgeOf('second')
      await shell(`sysctl -q -w net.ipv4.conf.${BRIDGE}.forwarding=0`)
      return { BRIDGE }
    },
  },
  {
    ...{ finding: 'container-no-egress', name: 'forwarding of IPv6 disabled', leaves: busy },
    make: async ({ docker, shell }) => {
      await shell(
        'ip -6 address add 2001:db8:5::20/64 dev eth0 && ip -6 route add default via 2001:db8:5::1 dev eth0',
      )
      await docker(['network', 'create', '--ipv6', '--subnet=fd00:66::/64', 'six'])
      await docker(['run', '-d', '--stop-signal=SIGKILL', '--network=six', '--name=six-web', 'tools'])
      await shell('sysctl -q -w net.ipv6.conf.all.forwarding=0')
      return undefined
    },
    clear: ({ tidy }) =>
      tidy(
        'docker rm -f six-web; docker network rm six; ip -6 route del default dev eth0; ip -6 address del 2001:db8:5::20/64 dev eth0; sysctl -q -w net.ipv6.conf.eth0.accept_ra=1',
      ),
  },
  ...['mss-clamp-missing', 'mss-clamp-one-way'].flatMap((finding) =>
    ['iptables', 'nft'].map(
      (tool): State => ({
        ...{ finding, name: `clamped by ${tool}` },
        make: async ({ shell }) => {
          await shell(jumboBridge)
          if (finding === 'mss-clamp-one-way')
            await shell(`iptables ${clamp.replace('FORWARD', 'FORWARD -o eth0')}`)
        },
        clear: ({ tidy }) => tidy(withoutJumboBridge),
      }),
    ),
  ),
  {
    ...{ finding: 'docker-mtu-exceeds-uplink', name: 'Docker 20.10' },
    make: async ({ shell }) => void (await shell('iptables -t mangle -F FORWARD; ip link set eth0 mtu 1400')),
    clear: ({ tidy }) => tidy('iptables -t mangle -F FORWARD; ip link set eth0 mtu 1500'),
  },
  {
    ...{ finding: 'dangling-veths', name: 'five links without a container' },
    make: async ({ shell }) => {
      for (const name of veths) await shell(`ip link add ${name} type veth peer name p${name}`)
      return { NAME: 'worker', VETH: veths }
    },
  },
  {
    ...{ finding: 'docker-proxy-left', name: 'the port of a container that is gone' },
    make: async ({ shell, engine }) => {
      const program = findProgram('docker-proxy') ?? ''
      const flags =
        '-proto tcp -host-ip 127.0.0.1 -host-port 18080 -container-ip 10.64.0.99 -container-port 80'
      proxy = await startProgram(
        ['nsenter', `--net=${engine.namespace.path}`, 'sh', '-c', `exec ${program} ${flags} 3> /dev/null`],
        { name: 'docker-proxy', ready: async () => (await shell('ss -Hltn sport = :18080')) !== '' },
      )
      const PID = (await shell('ss -Hltnp sport = :18080')).match(/pid=(\d+)/)?.[1] ?? ''
      return { PID }
    },
    clear: async () => proxy?.stop(),
  },
  {
    ...{ finding: 'docker-subnet-shadows-peer', name: 'a network with the address of another host' },
    from: 'container',
    settings: { listeners: '198.18.5.9:22' },
    make: async ({ docker, far }) => {
      await far.run('ip', ['address', 'add', '198.18.5.9/32', 'dev', 'far0'])
      await docker(['network', 'create', '--subnet=198.18.5.0/24', 'shadow'])
      await docker([
        ...['run', '-d', '--stop-signal=SIGKILL', '--network=shadow', '--name=shadow-web', 'tools'],
      ])
      return { ADDRESS: '198.18.5.9' }
    },
    clear: async (lab) => {
      await lab.far.run('ip', ['address', 'del', '198.18.5.9/32', 'dev', 'far0'])
      await lab.shell('docker rm -f shadow-web && docker network rm shadow')
      await lab.reset()
    },
    leaves: {
      'not-observable': 'a plain container sees little',
      'host-port-refused': 'the host answers again, and nothing listens there',
    },
  },
  {
    ...{ finding: 'second-docker-engine', name: 'another daemon in the namespace' },
    make: async (lab) => {
      lab.second = await startEngine({ namespace: { ...lab.engine.namespace, remove: async () => {} } })
      const [first, second] = [lab.engine, lab.second].map(({ socket }) => `unix://${socket}`)
      return {
        ...{
          'unix:///var/run/docker.sock': first ?? '',
          'unix:///run/snap.docker/docker.sock': second ?? '',
        },
        SOCKET: [first ?? '', second ?? ''],
      }
    },
  },
  ...pool('address-pool-low', 8),
  ...pool('address-pool-exhausted', 12),
  {
    ...{ finding: 'leaked-ci-networks', name: 'networks that jobs left', leaves: busy },
    make: async (lab) => {
      const values = await createJobs(lab, 3)
      await lab.whileDown(age)
      return values
    },
    clear: removeJobs,
  },
  {
    ...{ finding: 'docker-not-answering', name: 'dockerd hangs' },
    make: async (lab) => {
      lab.engine.freeze()
      lab.hangs = true
      const directory = dirname(lab.engine.socket)
      return { PIDFILE: join(directory, 'pid'), 'GOROUTINES*': join(directory, 'exec/goroutine-stacks-*') }
    },
  },
  {
    ...{ finding: 'docker-not-answering', name: 'dockerd ended' },
    make: async ({ engine }) => void (await engine.kill()),
  },
]

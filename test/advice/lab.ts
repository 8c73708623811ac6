import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import type { Report } from '../../src/report/schema.ts'
import { type Engine, type EngineOptions, startEngine } from '../support/engine.ts'
import { mainProgram } from '../support/main-program.ts'
import { makeNetworkNamespace, type NetworkNamespace } from '../support/network-namespace.ts'
import { runOnHost } from '../support/run-runner.ts'
import { untilSettled } from '../support/settled.ts'
import { changesIn, traceCalls } from '../support/syscall-trace.ts'
import { importToolImage } from '../support/tool-image.ts'
import { until } from '../support/until.ts'
import type { Action } from './uses.ts'

/** Networks that changed in the last 10 s are not judged. */
export const settleMs = 11_000

const project = fileURLToPath(new URL('../..', import.meta.url))
/** The host behind the uplink. */
export const farAddress = '192.0.2.1'
/** Subnets for 16 networks, so that few are enough to use them up. */
const pools = { 'default-address-pools': [{ base: '10.64.0.0/20', size: 24 }] }

/**
 * A host with an engine, an uplink, and what no advice may harm: a running container in the network `second`, a stopped project of
 * compose, and rules of another program.
 */
export interface Lab {
  engine: Engine
  /** Runs a command of the shell, whatever it ends with. */
  tidy(command: string): Promise<unknown>
  /** Runs a command of the shell on the host, in a directory of its own and with an empty /etc/sysctl.d. */
  shell(command: string): Promise<string>
  docker: Engine['docker']
  /** The network of the other host behind the uplink, whose interface is `far0`. */
  far: NetworkNamespace
  bridgeOf(network: string): Promise<string>
  subnetOf(network: string): Promise<string>
  /** The causes that regguard reports, notes included. */
  inspect(where: Inspection): Promise<Report['causes']>
  /** What of the host only looking at it must leave as it is. */
  state(): Promise<string>
  /** What the traced command changed, as system calls. `exitCode` is that of the command. */
  trace(command: string): Promise<{ changes: string[]; exitCode: number }>
  act(action: Action): Promise<void>
  /** Merges settings into Docker's daemon.json, and restarts Docker. */
  configure(settings: object): Promise<void>
  /** Back to the settings that the engine was started with. */
  reset(): Promise<void>
  /** Runs between the end of Docker and its next start. */
  whileDown(act: (directory: string) => Promise<void>): Promise<void>
  /** Writes the rules of another program, as far as they are gone. */
  writeForeign(): Promise<string>
  /** What is foreign now. */
  foreign(): Promise<string>
  /** Fails where the networks, the stopped project or the running container do not work. */
  expectIntact(): Promise<void>
  /** Set by a state whose daemon does not react to SIGTERM, and that starts a second engine. */
  hangs: boolean
  second?: Engine | undefined
  stop(): Promise<void>
}

/** How regguard is run. */
export interface Inspection {
  settings?: Record<string, string>
  from?: 'container'
}

/** `ip link` asks whether the kernel knows RTM_NEWLINK, by one that names no link (iplink_have_newlink in iproute2). */
const isProbe = /nlmsg_type=0x10, .*ifi_index=0, ifi_flags=0, ifi_change=0\}\], 32,/
/** `ss` with a filter, whose code follows the message: SOCK_DIAG_BY_FAMILY only reads. */
const isDump = /<NETLINK:\[SOCK_DIAG.*iov_base=\[\{nlmsg_len=\d+, nlmsg_type=0x14, nlmsg_flags=0x301,/

const labels = ['--label=com.docker.compose.project=stack', '--label=com.docker.compose.network=default']
const container = ['--stop-signal=SIGKILL', '--restart=always']

/** Starts it. */
export async function startLab(options: EngineOptions = {}, networkFlags: string[] = []): Promise<Lab> {
  const directory = await mkdtemp(join(tmpdir(), 'regguard-advice-'))
  const config = join(directory, 'daemon.json')
  await writeFile(config, JSON.stringify(pools))
  const far = await makeNetworkNamespace()
  const namespace = options.namespace ?? (await makeNetworkNamespace())
  await connect(namespace, far)
  const clear = async () => {
    await far.remove()
    await rm(directory, { recursive: true, force: true })
  }
  const engine = await startEngine({
    ...options,
    namespace,
    flags: [...(options.flags ?? []), `--config-file=${config}`],
  }).catch(async (error: unknown) => {
    await clear()
    throw error
  })
  const { docker } = engine
  const env = { DOCKER_HOST: `unix://${engine.socket}`, DOCKER_CONFIG: directory, ...options.env }
  const inside = (command: string, through: string[] = []) => {
    const prepared = 'mount -t tmpfs none /etc/sysctl.d && cd "$0" && exec "$@"'
    const program = ['sh', '-c', prepared, directory, ...through, 'sh', '-c', command]
    return execa('nsenter', [`--net=${namespace.path}`, 'unshare', '--mount', ...program], {
      env: { ...env, PATH: `${process.env.PATH}:/usr/sbin` },
      stdin: 'ignore',
      reject: false,
    })
  }
  const shell: Lab['shell'] = async (command) => {
    const { exitCode, stdout, stderr } = await inside(command)
    if (exitCode !== 0) throw new Error(`${command}\nended with ${exitCode}: ${stdout}\n${stderr}`)
    return stdout
  }
  const inspect = async (format: string, network: string) =>
    docker(['network', 'inspect', '--format', format, network])
  const lab: Lab = {
    ...{ engine, docker, far, shell, hangs: false },
    tidy: (command) => inside(command),
    bridgeOf: async (network) => `br-${(await inspect('{{.Id}}', network)).slice(0, 12)}`,
    subnetOf: (network) => inspect('{{(index .IPAM.Config 0).Subnet}}', network),
    inspect: async ({ settings = {}, from }) =>
      from === 'container'
        ? fromContainer(lab, settings)
        : (await runOnHost(engine, { runner_window: '0', ...settings })).report.causes,
    state: async () => {
      await untilSettled(namespace)
      return shell(lab.hangs ? hostState : `${hostState}\n${dockerState}\ntrue`)
    },
    trace: async (command) => {
      const { result, trace } = await traceCalls((strace) => inside(command, strace))
      return {
        changes: changesIn(trace).filter((line) => !isProbe.test(line) && !isDump.test(line)),
        exitCode: result.exitCode ?? -1,
      }
    },
    act: (action) => act(lab, action),
    configure: async (settings) => {
      const now: object = JSON.parse(await readFile(config, 'utf8'))
      await writeFile(config, JSON.stringify({ ...now, ...settings }))
      await engine.restart()
    },
    reset: async () => {
      await writeFile(config, JSON.stringify(pools))
      await engine.restart()
    },
    whileDown: async (change) => {
      await engine.restart(() => change(dirname(engine.socket)))
    },
    writeForeign: async () => {
      await shell(foreignRules)
      return lab.foreign()
    },
    foreign: () => shell(foreignScript),
    expectIntact: () => expectIntact(lab),
    stop: async () => {
      await engine.stop()
      await clear()
    },
  }
  try {
    await fill(lab, networkFlags)
  } catch (error) {
    await lab.stop()
    throw error
  }
  return lab
}

/** An uplink to another host, which has no route to the networks behind it: only masqueraded packets come back. */
async function connect(namespace: NetworkNamespace, far: NetworkNamespace): Promise<void> {
  await execa('ip', [
    ...['-n', namespace.name, 'link', 'add', 'eth0', 'type', 'veth'],
    ...['peer', 'name', 'far0', 'netns', far.name],
  ])
  const on = (name: string, command: string) => execa('ip', ['-n', name, ...command.split(' ')])
  await on(far.name, `address add ${farAddress}/24 dev far0`)
  await on(far.name, 'link set far0 up')
  await on(namespace.name, 'address add 192.0.2.20/24 dev eth0')
  await on(namespace.name, 'link set eth0 up')
  await on(namespace.name, `route add default via ${farAddress}`)
}

async function fill({ engine, docker }: Lab, networkFlags: string[]): Promise<void> {
  await docker(['network', 'create', ...networkFlags, 'second'])
  await docker(['network', 'create', ...networkFlags, ...labels, 'stack_default'])
  const settled = sleep(settleMs)
  await importToolImage(engine)
  await docker(['run', '-d', ...container, '--network=second', '--name=worker', 'tools'])
  await docker(['create', ...labels, '--network=stack_default', '--name=stack-db-1', 'tools'])
  await settled
}

const foreignRules = `
  iptables -n -L WITNESS > /dev/null 2>&1 || iptables -N WITNESS
  iptables -C WITNESS -p udp --dport 9 -j ACCEPT 2> /dev/null || iptables -A WITNESS -p udp --dport 9 -j ACCEPT
  iptables -C INPUT -j WITNESS 2> /dev/null || iptables -A INPUT -j WITNESS
  iptables -n -L DOCKER-USER > /dev/null 2>&1 && { iptables -C DOCKER-USER -s 198.51.100.7 -j DROP 2> /dev/null || iptables -I DOCKER-USER -s 198.51.100.7 -j DROP; }
  nft list table inet witness > /dev/null 2>&1 || nft 'table inet witness { set blocked { type ipv4_addr; elements = { 198.51.100.9 }; }; chain input { type filter hook input priority 5; ip saddr @blocked drop; }; }'
  ip rule show | grep -q 'lookup 77' || { ip rule add to 198.51.100.0/24 lookup 77 && ip route add 198.51.100.0/24 via ${farAddress} table 77; }`

const foreignScript = `
  iptables-save | grep -E 'WITNESS|198.51.100' | sed 's/\\[.*//'
  nft -s list table inet witness
  ip rule show | grep 'lookup 77'; ip route show table 77; ip route show default`

const hostState = `
  for tool in iptables ip6tables; do $tool-save | sed '/^#/d; s/\\[.*//'; done
  nft -s list ruleset | sed 's/counter packets.*bytes [0-9]*//'
  cat /proc/net/ip_tables_names /proc/net/ip6_tables_names
  # A bridge has a carrier until its last container is gone.
  { ip -o link; ip -o address; ip rule; ip route show table all; ip -6 route show table all; } | sed 's/ <[^>]*>//; s/ state [A-Z]*//; s/ linkdown//'
  cd /proc/sys/net && grep -s . core/* bridge/* ipv4/* ipv6/* ipv4/conf/all/* ipv4/conf/eth0/* ipv6/conf/all/* ipv6/conf/eth0/* | grep -v stable_secret`

const dockerState = `
  docker network ls --no-trunc; docker image ls -q --no-trunc
  docker ps -a --no-trunc --format '{{.ID}} {{.Names}} {{.State}} {{.Ports}}'
  docker volume ls`

/** The same as a plain step of a pipeline, which has docker0 as its way to the host. */
async function fromContainer({ engine }: Lab, settings: Record<string, string>): Promise<Report['causes']> {
  const given = { checks: 'runner', report_json: '/dev/stderr', ...settings }
  const flags = Object.entries(given).map(([name, value]) => `--env=PLUGIN_${name.toUpperCase()}=${value}`)
  const program = ['tools', 'node', `/app/${mainProgram}`]
  const { stderr } = await execa(
    'docker',
    ['-H', `unix://${engine.socket}`, 'run', '--rm', `-v=${project}:/app:ro`, ...flags, ...program],
    { reject: false, stdin: 'ignore' },
  )
  return (JSON.parse(stderr) as Report).causes
}

async function act(lab: Lab, action: Action): Promise<void> {
  if (action === 'restart Docker') {
    // systemd sends SIGCONT after SIGTERM (systemd.kill(5)).
    if (lab.hangs) lab.engine.thaw()
    lab.hangs = false
    await lab.engine.restart()
  }
  if (action === 'stop the second engine') {
    await lab.second?.stop()
    lab.second = undefined
  }
  if (action === 'remove the legacy rules') await lab.shell('iptables-legacy -F INPUT')
}

async function expectIntact({ docker }: Lab): Promise<void> {
  // The stopped project still starts, in its network.
  await docker(['start', 'stack-db-1'])
  await docker(['kill', 'stack-db-1'])
  await until('the container of the second network runs and gets out', () =>
    docker(['exec', 'worker', 'ping', '-c', '1', '-W', '2', farAddress]).then(
      () => true,
      () => false,
    ),
  )
}

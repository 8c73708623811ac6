import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { execa } from 'execa'
import type { Report } from '../../src/report/schema.ts'
import { type Engine, type EngineOptions, startEngine } from './engine.ts'
import { type LabHost, makeLabHost } from './lab-host.ts'
import { makeNetworkNamespace, type NetworkNamespace } from './network-namespace.ts'
import { loadPluginImage, pluginImagePrograms } from './plugin-image.ts'
import { type RunnerRun, runOnHost } from './run-runner.ts'

/** What a suite names in `suiteNeeds` to have such a host. */
export const jobHostPrograms = [...pluginImagePrograms, 'socat', 'ss', 'ebtables', 'sysctl']

/** Where a run of regguard sees a host from: by hand on it, or from a step with so much access. */
export type Vantage = 'host' | 'snapshot' | 'socket' | 'plain'

/** A CI host: an engine behind an uplink, with the network of a job and a container in it that can open connections. */
export interface JobHost {
  engine: Engine
  /** Runs a shell on it; `$BRIDGE`, `$SUBNET` and `$GATEWAY` are those of the job's network, `$DIR` a directory for files. */
  shell(command: string): Promise<string>
  /** Whether a new connection from the job's container reaches a server on the Internet. */
  reaches(): Promise<boolean>
  /** What regguard says of it from there. */
  run(vantage: Vantage, settings?: Record<string, string>): Promise<RunnerRun>
  stop(): Promise<void>
}

const [server, router, host] = ['9.9.9.9', '192.0.2.1', '192.0.2.20']
const network = 'wp_1_0_default'

/** Few subnets, which are soon in use, of both families. */
const pools = [
  '--default-address-pool=base=10.213.0.0/21,size=24',
  '--default-address-pool=base=fd00:213::/56,size=64',
]

/** Makes the host, with this engine. */
export async function startJobHost(options: EngineOptions = {}): Promise<JobHost> {
  const namespace = options.namespace ?? (await makeNetworkNamespace())
  const internet = await connect(namespace)
  const listener = await internet.start(['socat', 'TCP-LISTEN:443,fork,reuseaddr', 'PIPE'], {
    name: 'a server',
    ready: async () => (await internet.run('ss', ['-Hltn', 'sport = :443'])) !== '',
  })
  let started: Engine | undefined
  const directory = await mkdtemp(join(tmpdir(), 'regguard-job-host-'))
  const stop = async () => {
    await started?.stop()
    await rm(directory, { recursive: true })
    await listener.stop()
    await internet.remove()
  }
  try {
    const engine = await startEngine({ ...options, namespace, flags: [...pools, ...(options.flags ?? [])] })
    started = engine
    await startContainers(engine)
    const [about] = JSON.parse(await engine.docker(['network', 'inspect', network]))
    const [{ Subnet, Gateway }] = about.IPAM.Config
    const variables = {
      ...options.env,
      DOCKER_HOST: `unix://${engine.socket}`,
      DIR: directory,
      BRIDGE: `br-${about.Id.slice(0, 12)}`,
      SUBNET: Subnet,
      GATEWAY: Gateway,
    }
    const dial = ['socat', '-u', '/dev/null', `TCP:${server}:443,connect-timeout=1`]
    return {
      engine,
      shell: async (command) =>
        (await execa('nsenter', [`--net=${namespace.path}`, 'sh', '-ec', command], { env: variables }))
          .stdout,
      reaches: () =>
        engine.docker(['exec', 'job', ...dial]).then(
          () => true,
          () => false,
        ),
      run: (vantage, settings = {}) =>
        vantage === 'host' ? runOnHost(engine, settings) : runInStep(engine, vantage, settings),
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** The host's uplink to a router that is also the Internet. */
async function connect(namespace: NetworkNamespace): Promise<LabHost> {
  const internet = await makeLabHost()
  const ip = (command: string) => namespace.run('ip', command.split(' '))
  await ip(`link add eth0 type veth peer name lan0 netns ${internet.name}`)
  await ip(`addr add ${host}/24 dev eth0`)
  await ip('link set eth0 up')
  await internet.ip(`addr add ${router}/24 dev lan0`)
  await internet.ip(`addr add ${server}/32 dev lo`)
  await internet.ip('link set lan0 up')
  await ip(`route add default via ${router}`)
  return internet
}

const node = '/usr/local/bin/node'
const installed = '/usr/local/lib/regguard/regguard-plugin'

/** The containers of a job and of two steps. They run on, and again after each restart of the engine. */
async function startContainers(engine: Engine): Promise<void> {
  const image = await loadPluginImage(engine)
  await engine.docker(['network', 'create', network])
  const socket = ['--user=0:0', `--volume=${engine.socket}:/var/run/docker.sock`]
  for (const [name, flags] of Object.entries({
    job: [`--network=${network}`],
    step: [],
    'step-with-socket': socket,
  })) {
    const run = ['run', '-d', '--restart=always', `--name=${name}`, `--entrypoint=${node}`, ...flags]
    await engine.docker([...run, image, '-e', 'setInterval(() => {}, 60_000)'])
  }
}

async function runInStep(
  { socket }: Engine,
  vantage: Exclude<Vantage, 'host'>,
  settings: Record<string, string>,
): Promise<RunnerRun> {
  const given = {
    ...{ checks: 'runner', report_json: '/dev/stderr' },
    ...(vantage === 'snapshot' ? { host_snapshot: 'true' } : {}),
    ...settings,
  }
  const variables = Object.entries(given).map(
    ([name, value]) => `--env=PLUGIN_${name.toUpperCase()}=${value}`,
  )
  const done = await execa(
    'docker',
    [
      ...['-H', `unix://${socket}`, 'exec', '--env=CI=woodpecker', ...variables],
      ...[
        vantage === 'plain' ? 'step' : 'step-with-socket',
        ...[node, '--snapshot-blob', `${installed}.snapshot`, `${installed}.mjs`],
      ],
    ],
    { reject: false, stdin: 'ignore' },
  )
  if (!done.stderr.startsWith('{')) throw new Error(`no report from a step: ${done.stdout}${done.stderr}`)
  const report = JSON.parse(done.stderr) as Report
  return {
    exitCode: done.exitCode ?? -1,
    log: stripVTControlCharacters(done.stdout),
    report,
    causes: report.causes.filter(({ severity }) => severity !== 'note').map(({ id }) => id),
  }
}

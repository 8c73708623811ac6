import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readMirrorConfig } from '../../../src/observe/path/mirrors/read.ts'
import { runtimesOf } from '../../../src/oci/runtimes/runtimes.ts'
import { findGoClient, hasGo } from '../../support/go-programs.ts'
import { findProgram, suiteNeeds } from '../../support/need.ts'
import { type Suite, suiteWithout } from '../../support/suite.ts'
import { until } from '../../support/until.ts'
import { type Docker, startDocker } from '../pull/docker.ts'
import { comparePull } from './compare.ts'
import { cases, withPath } from './docker-cases.ts'
import { type Lab, labPrograms, startLab } from './lab.ts'
import { addresses, names } from './sites.ts'

type Engine = {
  name: string
  suite: Suite
  store: boolean
  programs: Record<string, string | undefined>
  flags: string[]
}

const built = { dockerd: findGoClient('dockerd'), containerd: findGoClient('containerd') }
const builtSuite =
  built.dockerd && built.containerd
    ? suiteNeeds(labPrograms)
    : suiteWithout('needs Docker 29, which .ci/run builds where Go is installed', { mustRunInCi: hasGo })

const engines: Engine[] = [
  {
    ...{ name: 'Docker 20.10', suite: suiteNeeds([...labPrograms, 'dockerd', 'containerd']), store: false },
    programs: { dockerd: findProgram('dockerd'), containerd: findProgram('containerd') },
    flags: ['--storage-driver=vfs'],
  },
  {
    ...{ name: 'Docker 29 with a graphdriver', suite: builtSuite, store: false, programs: built },
    flags: ['--storage-driver=vfs', '--feature=containerd-snapshotter=false'],
  },
  {
    ...{ name: 'Docker 29 with the containerd image store', suite: builtSuite, store: true, programs: built },
    flags: ['--storage-driver=native', '--feature=containerd-snapshotter=true'],
  },
]

for (const { name, suite, store, programs, flags } of engines) {
  suite(`${name} and its daemon.json`, () => {
    let lab: Lab
    let docker: Docker
    beforeAll(async () => {
      lab = await startLab(names, addresses)
      const root = await lab.files({ 'daemon.json': '{}' })
      docker = await startDocker({
        ...{
          id: name,
          name,
          dockerd: programs.dockerd ?? '',
          containerd: dirname(programs.containerd ?? ''),
        },
        flags: [...flags, '--config-file', join(root, 'daemon.json')],
        within: (command) => lab.within(command),
      })
    }, 120_000)
    afterAll(async () => {
      await docker?.stop()
      await lab?.stop()
    })

    /** Mirrors and insecure registries are read again without a restart. */
    async function configure(text: string): Promise<void> {
      const { 'registry-mirrors': mirrors = [], 'insecure-registries': insecure = [] } = JSON.parse(text)
      docker.reload()
      await until('dockerd has read its configuration again', async () => {
        const { RegistryConfig } = JSON.parse(await docker.get('/info'))
        const { Mirrors, IndexConfigs } = RegistryConfig
        const own = Object.keys(IndexConfigs).filter((host) => host !== 'docker.io')
        const trimmed = (urls: string[] | null) => (urls ?? []).map((url) => url.replace(/\/$/, ''))
        return (
          JSON.stringify(trimmed(Mirrors)) === JSON.stringify(trimmed(mirrors)) &&
          JSON.stringify(own) === JSON.stringify(insecure)
        )
      })
    }

    // Docker 20.10 does not start with a mirror that has a path.
    const known = cases.filter(({ what }) => what !== withPath || name !== 'Docker 20.10')
    test.each(known)(
      '$what: the servers log what is predicted',
      async ({ files, sites, reference = 'registry.lab/team/app:1' }) => {
        const image = await lab.serve(sites)
        const root = await lab.files(files)
        await configure(files['daemon.json'] ?? '')
        const config = await readMirrorConfig(join(root, 'daemon.json'))
        const runtime = 'kind' in config ? runtimesOf(config)[store ? 1 : 0] : undefined
        if (!runtime) throw new Error(JSON.stringify(config))
        const { result } = await comparePull(lab, runtime, { image, sites, reference }, docker.pull)
        if (!result.ok) expect(result.error).toMatch(/refused|not found|unknown/)
      },
      60_000,
    )
  })
}

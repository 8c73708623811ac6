import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readMirrorConfig } from '../../../src/observe/path/mirrors/read.ts'
import { runtimesOf } from '../../../src/oci/runtimes/runtimes.ts'
import { suiteNeeds } from '../../support/need.ts'
import { runClient } from '../pull/run-client.ts'
import { comparePull } from './compare.ts'
import type { MirrorCase } from './containerd-cases.ts'
import { type Lab, labPrograms, startLab } from './lab.ts'
import { addresses, atPublic, hub, ingress, names, plain, storage } from './sites.ts'

const conf = (text: string) => ({ 'registries.conf': text })
const registry = (more: string) => conf(`[[registry]]\nlocation = "registry.lab"\n${more}`)

const cases: MirrorCase[] = [
  { what: 'no mirror', files: conf(''), sites: [atPublic] },
  {
    what: 'an insecure mirror in plain HTTP',
    files: registry('[[registry.mirror]]\nlocation = "plain.lab"\ninsecure = true\n'),
    sites: [atPublic, plain({ kind: 'registry' })],
  },
  {
    what: 'a mirror by name',
    files: registry('[[registry.mirror]]\nlocation = "mirror.lab"\n'),
    sites: [atPublic, ingress],
  },
  {
    what: 'a bare address behind an ingress that routes by name',
    files: registry('[[registry.mirror]]\nlocation = "10.88.0.10"\ninsecure = true\n'),
    sites: [atPublic, ingress],
  },
  {
    what: 'a mirror that is down',
    files: registry('[[registry.mirror]]\nlocation = "dead.lab"\n'),
    sites: [atPublic],
  },
  {
    what: 'a mirror with an error, then one by name',
    files: registry(
      '[[registry.mirror]]\nlocation = "plain.lab"\ninsecure = true\n[[registry.mirror]]\nlocation = "mirror.lab"\n',
    ),
    sites: [atPublic, ingress, plain({ kind: 'status', status: 500 })],
  },
  {
    what: 'a mirror with a namespace, and a prefix',
    files: conf(
      '[[registry]]\nprefix = "registry.lab/team"\nlocation = "registry.lab/other"\n[[registry.mirror]]\nlocation = "mirror.lab/cache"\n',
    ),
    sites: [atPublic, ingress],
  },
  {
    what: 'the longest prefix counts',
    files: conf(
      '[[registry]]\nprefix = "registry.lab"\nlocation = "dead.lab"\n[[registry]]\nprefix = "registry.lab/team/app"\nlocation = "mirror.lab/x"\n[[registry]]\nprefix = "registry.lab/team/ap"\nlocation = "dead.lab"\n',
    ),
    sites: [ingress],
  },
  {
    what: 'a prefix with a wildcard',
    files: conf('[[registry]]\nprefix = "*.lab"\nlocation = "mirror.lab"\n'),
    sites: [ingress],
  },
  {
    what: 'mirrors for digests only',
    files: registry('mirror-by-digest-only = true\n[[registry.mirror]]\nlocation = "mirror.lab"\n'),
    sites: [atPublic, ingress],
  },
  {
    what: 'a mirror for digests, and one for tags',
    files: registry(
      '[[registry.mirror]]\nlocation = "dead.lab"\npull-from-mirror = "digest-only"\n[[registry.mirror]]\nlocation = "mirror.lab"\npull-from-mirror = "tag-only"\n',
    ),
    sites: [atPublic, ingress],
  },
  {
    what: 'a registry that is blocked',
    files: registry('blocked = true\n'),
    sites: [atPublic],
  },
  {
    what: 'a prefix twice: the first counts',
    files: conf(
      '[[registry]]\nprefix = "registry.lab"\nlocation = "mirror.lab"\n[[registry]]\nprefix = "registry.lab"\nlocation = "dead.lab"\n',
    ),
    sites: [ingress],
  },
  {
    what: 'blobs behind a redirect',
    files: registry('[[registry.mirror]]\nlocation = "plain.lab"\ninsecure = true\n'),
    sites: [atPublic, storage, plain({ kind: 'registry', storage: 'https://storage.lab/x' })],
  },
  {
    what: 'a mirror without the image, and a registry that is down',
    files: registry('[[registry.mirror]]\nlocation = "mirror.lab"\n'),
    sites: [{ ...ingress, hosts: { 'mirror.lab': { kind: 'empty' } } }],
  },
  {
    what: 'a mirror of Docker Hub',
    files: conf('[[registry]]\nlocation = "docker.io"\n[[registry.mirror]]\nlocation = "mirror.lab"\n'),
    sites: [hub, { ...ingress, hosts: { 'mirror.lab': { kind: 'empty' } } }],
    reference: 'docker.io/library/app:1',
  },
]

suiteNeeds([...labPrograms, 'podman'])('Podman and its registries.conf', () => {
  let lab: Lab
  let pulls = 0
  beforeAll(async () => {
    lab = await startLab(names, addresses)
  }, 60_000)
  afterAll(() => lab?.stop())

  async function pull(file: string, reference: string) {
    pulls += 1
    const own = join(lab.directory, `podman-${pulls}`)
    await mkdir(own)
    const flags = [
      ...['--root', join(own, 'root'), '--runroot', join(own, 'run'), '--tmpdir', join(own, 'tmp')],
      ...['--storage-driver=vfs', '--cgroup-manager=cgroupfs', '--events-backend=none'],
    ]
    return runClient(
      lab.within(['podman', ...flags, 'pull', '--quiet', '--platform=linux/amd64', reference]),
      {
        CONTAINERS_REGISTRIES_CONF: file,
        HOME: own,
      },
    )
  }

  test.each(cases)(
    '$what: the servers log what is predicted',
    async ({ files, sites, reference = 'registry.lab/team/app:1' }) => {
      const image = await lab.serve(sites)
      const file = join(await lab.files(files), 'registries.conf')
      const config = await readMirrorConfig(file)
      const runtime = 'kind' in config ? runtimesOf(config)[0] : undefined
      if (!runtime) throw new Error(JSON.stringify(config))
      const { result } = await comparePull(lab, runtime, { image, sites, reference }, (name) =>
        pull(file, name),
      )
      if (!result.ok) expect(result.error).toMatch(/refused|unknown|not found|blocked/)
    },
    60_000,
  )
})

import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseReference } from '../../../src/oci/reference.ts'
import { type CertsD, containerdHosts } from '../../../src/oci/runtimes/containerd/certs-d.ts'
import type { ContainerdMajor } from '../../../src/oci/runtimes/containerd/hosts-toml.ts'
import { containerdPull } from '../../../src/oci/runtimes/containerd/pull.ts'
import type { Pulled } from '../../../src/oci/runtimes/legs.ts'
import { findGoClient, hasGo } from '../../support/go-programs.ts'
import { findProgram, suiteNeeds } from '../../support/need.ts'
import type { Suite } from '../../support/suite.ts'
import { suiteWithout } from '../../support/suite.ts'
import { type Containerd, startContainerd } from '../pull/containerd.ts'
import { cases } from './containerd-cases.ts'
import { type Lab, labPrograms, startLab } from './lab.ts'
import { comparable, predict } from './predict.ts'
import { addresses, names } from './sites.ts'

type Version = {
  major: ContainerdMajor
  suite: Suite
  containerd?: string | undefined
  ctr?: string | undefined
}

const built = { containerd: findGoClient('containerd'), ctr: findGoClient('ctr') }
const versions: Version[] = [
  {
    ...{ major: 1, suite: suiteNeeds([...labPrograms, 'containerd', 'ctr']) },
    ...{ containerd: findProgram('containerd'), ctr: findProgram('ctr') },
  },
  {
    major: 2,
    suite:
      built.containerd && built.ctr
        ? suiteNeeds(labPrograms)
        : suiteWithout('needs containerd 2, which .ci/run builds where Go is installed', {
            mustRunInCi: hasGo,
          }),
    ...built,
  },
]

for (const { major, suite, containerd = '', ctr = '' } of versions) {
  suite(`containerd ${major} and its hosts.toml`, () => {
    let lab: Lab
    let client: Containerd
    beforeAll(async () => {
      lab = await startLab(names, addresses)
      client = await startContainerd({
        ...{ id: `containerd-${major}`, name: 'containerd', containerd, ctr },
        within: (command) => lab.within(command),
      })
    }, 120_000)
    afterAll(async () => {
      await client?.stop()
      await lab?.stop()
    })

    test('it is of that version', () => {
      expect(client.version).toMatch(new RegExp(`^${major}\\.`))
    })

    test.each(cases)(
      '$what: the servers log what is predicted',
      async ({ files, sites, reference = 'registry.lab/team/app:1' }) => {
        const { content, manifest, blobs } = await lab.serve(sites)
        const root = await lab.files(files)
        const parsed = parseReference(reference)
        if (!parsed.ok) throw new Error(parsed.problem)
        const { registry, repository, tag = '' } = parsed.value
        const { endpoints } = containerdHosts(await readFolders(root), registry, major)
        const target = { registry, repository, reference: tag, manifests: [manifest], blobs }
        const pull = containerdPull(endpoints, target, { major })
        const { requests, pulled } = predict(pull, { sites, names, content })

        const result = await client.pullWith(['--hosts-dir', root], reference)
        expect(comparable(lab.takeLog(), pulled)).toEqual(comparable(requests, pulled))
        expect({ ok: result.ok, result }).toEqual({ ok: pulled.ok, result })
        if (!result.ok) expect(result.error).toMatch(errorOf(pulled))
      },
      60_000,
    )
  })
}

/** What the error says of the leg that it reports. */
function errorOf({ told }: Pulled): RegExp {
  const answer = told?.answer
  if (answer?.status === undefined)
    return answer?.failure === 'redirect-loop' ? /stopped after 10 redirects/ : /connection refused/
  const { status } = answer
  return status === 404 ? /not found/ : new RegExp(` ${status} `)
}

async function readFolders(root: string): Promise<CertsD> {
  const names = await readdir(root)
  const folders = names.map(async (name) => {
    const files = await readdir(join(root, name))
    const hostsToml = files.includes('hosts.toml')
      ? await readFile(join(root, name, 'hosts.toml'), 'utf8')
      : undefined
    return { name, files, ...(hostsToml === undefined ? {} : { hostsToml }) }
  })
  return { root, folders: await Promise.all(folders) }
}

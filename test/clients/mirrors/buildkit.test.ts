import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, test } from 'vitest'
import { readMirrorConfig } from '../../../src/observe/path/mirrors/read.ts'
import { runtimesOf } from '../../../src/oci/runtimes/runtimes.ts'
import { findGoClient, hasGo } from '../../support/go-programs.ts'
import { suiteNeeds } from '../../support/need.ts'
import { suiteWithout } from '../../support/suite.ts'
import { startBuildkit } from '../buildkit.ts'
import { comparePull } from './compare.ts'
import type { MirrorCase } from './containerd-cases.ts'
import { type Lab, labPrograms, startLab } from './lab.ts'
import { addresses, atPublic, hub, ingress, names, plain, realm } from './sites.ts'

const toml = (text: string) => ({ 'buildkitd.toml': text })

const cases: MirrorCase[] = [
  { what: 'no mirror', files: toml(''), sites: [atPublic] },
  {
    what: 'a mirror in plain HTTP',
    files: toml('[registry."registry.lab"]\nmirrors = ["plain.lab"]\n[registry."plain.lab"]\nhttp = true\n'),
    sites: [atPublic, plain({ kind: 'registry' })],
  },
  {
    what: 'a mirror with a path and a token',
    files: toml(
      '[registry."registry.lab"]\nmirrors = ["plain.lab/cache"]\n[registry."plain.lab"]\nhttp = true\n',
    ),
    sites: [atPublic, plain({ kind: 'registry', realm })],
  },
  {
    what: 'a bare address behind an ingress that routes by name',
    files: toml(
      '[registry."registry.lab"]\nmirrors = ["10.88.0.10"]\n[registry."10.88.0.10"]\ninsecure = true\n',
    ),
    sites: [atPublic, ingress],
  },
  {
    what: 'an insecure mirror in plain HTTP',
    files: toml(
      '[registry."registry.lab"]\nmirrors = ["plain.lab"]\n[registry."plain.lab"]\nhttp = true\ninsecure = true\n',
    ),
    sites: [atPublic, plain({ kind: 'registry' })],
  },
  {
    what: 'a mirror that is down, then one by name',
    files: toml('[registry."registry.lab"]\nmirrors = ["dead.lab", "mirror.lab"]\n'),
    sites: [atPublic, ingress],
  },
  {
    what: 'a mirror of Docker Hub that does not have it',
    files: toml('[registry."docker.io"]\nmirrors = ["mirror.lab"]\n'),
    sites: [hub, { ...ingress, hosts: { 'mirror.lab': { kind: 'empty' } } }],
    reference: 'docker.io/library/app:1',
  },
]

const programs = { buildkitd: findGoClient('buildkitd') ?? '', buildctl: findGoClient('buildctl') ?? '' }
const suite =
  programs.buildkitd && programs.buildctl
    ? suiteNeeds(labPrograms)
    : suiteWithout('needs buildkitd and buildctl, which .ci/run builds where Go is installed', {
        mustRunInCi: hasGo,
      })

suite('BuildKit and its buildkitd.toml', () => {
  let lab: Lab
  beforeAll(async () => {
    lab = await startLab(names, addresses)
  }, 60_000)
  afterAll(() => lab?.stop())

  test.each(cases)(
    '$what: the servers log what is predicted',
    async ({ files, sites, reference = 'registry.lab/team/app:1' }) => {
      const image = await lab.serve(sites)
      const file = join(await lab.files(files), 'buildkitd.toml')
      const config = await readMirrorConfig(file)
      const runtime = 'kind' in config ? runtimesOf(config)[0] : undefined
      if (!runtime) throw new Error(JSON.stringify(config))
      const within = (command: string[]) => lab.within(command)
      const buildkit = await startBuildkit({ ...programs, flags: ['--config', file], within })
      await comparePull(lab, runtime, { image, sites, reference }, buildkit.pull).finally(() =>
        buildkit.stop(),
      )
      await rm(file)
    },
    120_000,
  )
})

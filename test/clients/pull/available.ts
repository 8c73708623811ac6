import { dirname } from 'node:path'
import { findGoClient, hasGo } from '../../support/go-programs.ts'
import { findProgram, suiteNeeds } from '../../support/need.ts'
import { type Suite, suiteWithout } from '../../support/suite.ts'
import type { Client } from './client.ts'
import { startContainerd } from './containerd.ts'
import { startDocker } from './docker.ts'
import { crane, podman, regctl, skopeoToDirectory, skopeoToStorage, startOneShot } from './one-shot.ts'

/** A client that this machine may have. */
export type ClientSource = {
  id: string
  /** A `describe` that needs its programs. */
  suite: Suite
  /** Absent where one of its programs is missing. */
  start?: () => Promise<Client>
}

type Programs = Record<string, string>

/** Every client that judges images. Debian's come first; the others are built by .ci/run where Go is installed. */
export const clientSources: ClientSource[] = [
  debian('docker', ['dockerd', 'containerd'], ({ dockerd = '', containerd = '' }) =>
    startDocker({
      ...{ id: 'docker', name: 'Docker', dockerd, containerd: dirname(containerd) },
      flags: ['--storage-driver=vfs'],
    }),
  ),
  built('docker-29', ['dockerd', 'containerd'], ({ dockerd = '', containerd = '' }) =>
    startDocker({
      ...{
        id: 'docker-29',
        name: 'Docker 29 (moby 2) with a graphdriver',
        dockerd,
        containerd: dirname(containerd),
      },
      flags: ['--storage-driver=vfs', '--feature=containerd-snapshotter=false'],
    }),
  ),
  built('docker-29-store', ['dockerd', 'containerd'], ({ dockerd = '', containerd = '' }) =>
    startDocker({
      ...{ id: 'docker-29-store', name: 'Docker 29 (moby 2) with the containerd image store' },
      ...{ dockerd, containerd: dirname(containerd) },
      flags: ['--storage-driver=native', '--feature=containerd-snapshotter=true'],
    }),
  ),
  debian('containerd', ['containerd', 'ctr'], ({ containerd = '', ctr = '' }) =>
    startContainerd({ id: 'containerd', name: 'containerd', containerd, ctr }),
  ),
  built('containerd-2', ['containerd', 'ctr'], ({ containerd = '', ctr = '' }) =>
    startContainerd({ id: 'containerd-2', name: 'containerd', containerd, ctr }),
  ),
  built('containerd-2-local', ['containerd', 'ctr'], ({ containerd = '', ctr = '' }) =>
    startContainerd({
      ...{ id: 'containerd-2-local', name: 'containerd, pulled by its client', containerd, ctr },
      flags: ['--local'],
    }),
  ),
  debian('podman', ['podman'], ({ podman: program = '' }) => startOneShot(podman(program))),
  debian('skopeo', ['skopeo'], ({ skopeo: program = '' }) => startOneShot(skopeoToStorage(program))),
  debian('skopeo-dir', ['skopeo'], ({ skopeo: program = '' }) => startOneShot(skopeoToDirectory(program))),
  built('crane', ['crane'], ({ crane: program = '' }) => startOneShot(crane(program))),
  built('regctl', ['regctl'], ({ regctl: program = '' }) => startOneShot(regctl(program))),
]

function debian(id: string, names: string[], start: (found: Programs) => Promise<Client>): ClientSource {
  const { found, missing } = locate(names, findProgram)
  return { id, suite: suiteNeeds(names), ...(missing.length === 0 && { start: () => start(found) }) }
}

function built(id: string, names: string[], start: (found: Programs) => Promise<Client>): ClientSource {
  const { found, missing } = locate(names, findGoClient)
  if (missing.length === 0) return { id, suite: suiteNeeds([]), start: () => start(found) }
  const reason = `needs ${missing.join(' and ')}, which .ci/run builds where Go is installed`
  return { id, suite: suiteWithout(reason, { mustRunInCi: hasGo }) }
}

function locate(names: string[], find: (name: string) => string | undefined) {
  const found: Programs = Object.fromEntries(
    names.flatMap((name) => {
      const path = find(name)
      return path === undefined ? [] : [[name, path]]
    }),
  )
  return { found, missing: names.filter((name) => found[name] === undefined) }
}

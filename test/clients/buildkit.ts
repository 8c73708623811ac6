import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { unmountBelow } from '../support/mounts.ts'
import { startProgram } from '../support/program.ts'
import type { Pull } from './pull/client.ts'
import { runClient } from './pull/run-client.ts'

/** A BuildKit of the test's own, which builds an image of one file and pushes it. */
export type Buildkit = {
  /** `exporter` are attributes of the image exporter, `flags` further arguments of buildctl. */
  push(reference: string, exporter?: string[], flags?: string[]): Promise<void>
  /** Builds an image on top of another, which is pulled for it, and keeps nothing. */
  pull(reference: string): Promise<Pull>
  stop(): Promise<void>
}

type BuildkitPrograms = {
  buildkitd: string
  buildctl: string
  /** Further arguments of buildkitd. */
  flags?: string[]
  /** Runs both programs elsewhere, as in a network namespace. */
  within?(command: string[]): string[]
}

/** Starts buildkitd without networks: nothing that is built here runs a container. */
export async function startBuildkit({
  buildkitd,
  buildctl: client,
  flags: daemonFlags = [],
  within = (command) => command,
}: BuildkitPrograms): Promise<Buildkit> {
  const directory = await mkdtemp(join(tmpdir(), 'regguard-buildkit-'))
  const address = `unix://${join(directory, 'buildkitd.sock')}`
  const buildctl = within([client, '--addr', address])
  const run = ([file = '', ...args]: string[]) => execa(file, args, { stdin: 'ignore' })
  const daemon = await startProgram(
    within([
      ...[buildkitd, '--addr', address, '--root', join(directory, 'root')],
      ...['--containerd-worker=false', '--oci-worker-net=host', '--oci-worker-snapshotter=native'],
      ...daemonFlags,
    ]),
    {
      name: 'buildkitd',
      ready: () =>
        run([...buildctl, 'debug', 'workers']).then(
          () => true,
          () => false,
        ),
      clear: async () => {
        await unmountBelow(directory)
        await rm(directory, { recursive: true, force: true })
      },
    },
  )
  const context = join(directory, 'context')
  await mkdir(context)
  await writeFile(join(context, 'Dockerfile'), 'FROM scratch\nCOPY file /file\n')
  return {
    async push(reference, exporter = [], flags = []) {
      await writeFile(join(context, 'file'), `${reference} ${exporter} ${flags}`.repeat(20))
      const attributes = [
        'type=image',
        `name=${reference}`,
        'push=true',
        'registry.insecure=true',
        ...exporter,
      ]
      await run([
        ...[...buildctl, 'build', '--frontend', 'dockerfile.v0'],
        ...['--local', `context=${context}`, '--local', `dockerfile=${context}`],
        ...['--output', attributes.join(','), ...flags],
      ])
    },
    async pull(reference) {
      const from = join(directory, 'from')
      await mkdir(from, { recursive: true })
      await writeFile(join(from, 'Dockerfile'), `FROM ${reference}\nCOPY Dockerfile /${Math.random()}\n`)
      return runClient([
        ...[...buildctl, 'build', '--frontend', 'dockerfile.v0', '--progress', 'plain', '--no-cache'],
        ...['--local', `context=${from}`, '--local', `dockerfile=${from}`],
        ...['--output', `type=tar,dest=${join(directory, 'built.tar')}`],
      ])
    },
    stop: () => daemon.stop(),
  }
}

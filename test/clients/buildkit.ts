import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { unmountBelow } from '../support/mounts.ts'
import { startProgram } from '../support/program.ts'

/** A BuildKit of the test's own, which builds an image of one file and pushes it. */
export type Buildkit = {
  /** `exporter` are attributes of the image exporter, `flags` further arguments of buildctl. */
  push(reference: string, exporter?: string[], flags?: string[]): Promise<void>
  stop(): Promise<void>
}

/** Starts buildkitd without networks: nothing that is built here runs a container. */
export async function startBuildkit(programs: { buildkitd: string; buildctl: string }): Promise<Buildkit> {
  const directory = await mkdtemp(join(tmpdir(), 'regguard-buildkit-'))
  const address = `unix://${join(directory, 'buildkitd.sock')}`
  const buildctl = [programs.buildctl, '--addr', address]
  const run = ([file = '', ...args]: string[]) => execa(file, args, { stdin: 'ignore' })
  const daemon = await startProgram(
    [
      ...[programs.buildkitd, '--addr', address, '--root', join(directory, 'root')],
      ...['--containerd-worker=false', '--oci-worker-net=host', '--oci-worker-snapshotter=native'],
    ],
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
    stop: () => daemon.stop(),
  }
}

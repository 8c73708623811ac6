import { fileURLToPath } from 'node:url'
import { findGoClient } from '../test/support/go-programs.ts'
import { fromSnapshot } from '../test/support/main-program.ts'
import { findProgram } from '../test/support/need.ts'
import type { CommandLine } from './measure.ts'
import type { Transport } from './place.ts'

/** What a program is asked to verify, or to copy. */
export interface Question {
  /** Name and port of the registry. */
  host: string
  repository: string
  transport: Transport
  caFile: string
  /** An empty folder. */
  folder: string
  /** The digests of all blobs. */
  blobs: string[]
}

/** A program that is measured; `on` is undefined where it is not installed. */
export interface Candidate {
  name: string
  on: ((question: Question) => CommandLine) | undefined
}

const node = process.execPath

/** The program as the image starts it, without the checks of the runner: a registry is measured, and no host. */
export const regguard = (...args: string[]): Candidate => ({
  name: ['regguard', ...args].join(' '),
  on: ({ host, repository, transport, caFile }) => ({
    command: [node, ...fromSnapshot, `${host}/${repository}:1`, '--checks', 'image,registry,path', ...args],
    env: transport === 'http' ? { PLUGIN_INSECURE: 'true' } : { PLUGIN_CA_FILE: caFile },
  }),
})

/** The program that asks for the same and does nothing else. */
export const floor: Candidate = {
  name: 'floor',
  on: ({ host, repository, transport, caFile }) => ({
    command: [
      ...([node, fileURLToPath(new URL('floor.ts', import.meta.url))] as const),
      ...(transport === 'http'
        ? [`http://${host}`, repository, '1', 'h1']
        : [`https://${host}`, repository, '1', transport, caFile]),
    ],
  }),
}

/** Programs of others. Those that only copy are asked to copy: that is how they are used to prove a pull. */
export const others: Candidate[] = [
  go('regctl image copy', 'regctl', (program, { host, repository, folder, transport }) => ({
    command: [
      ...([program, 'image', 'copy'] as const),
      ...(transport === 'http' ? ['--host', `reg=${host},tls=disabled`] : []),
      ...[`${host}/${repository}:1`, `ocidir://${folder}/copy:1`],
    ],
  })),
  go('crane validate --fast', 'crane', (program, { host, repository, transport }) => ({
    command: [
      ...([program, 'validate', '--fast'] as const),
      ...(transport === 'http' ? ['--insecure'] : []),
      ...['--remote', `${host}/${repository}:1`],
    ],
  })),
  installed('skopeo copy --all', 'skopeo', (program, { host, repository, folder, transport }) => ({
    command: [
      ...([program, 'copy', '--all', '--insecure-policy'] as const),
      ...(transport === 'http' ? ['--src-tls-verify=false'] : []),
      ...[`docker://${host}/${repository}:1`, `dir:${folder}`],
    ],
  })),
  installed('curl HEAD, one by one', 'curl', (program, { host, repository, transport, caFile, blobs }) => ({
    command: [
      'sh',
      '-ec',
      'curl="$1" base="$2" ca="$3"; shift 3; for digest; do "$curl" -sf --cacert "$ca" -I -o /dev/null "$base/$digest"; done',
      'sh',
      program,
      `${transport === 'http' ? 'http' : 'https'}://${host}/v2/${repository}/blobs`,
      caFile,
      ...blobs,
    ],
  })),
]

type Commands = (program: string, question: Question) => CommandLine

function go(name: string, program: string, commands: Commands): Candidate {
  return of(name, findGoClient(program), commands)
}

function installed(name: string, program: string, commands: Commands): Candidate {
  return of(name, findProgram(program), commands)
}

/** Programs written in Go trust the authorities of SSL_CERT_FILE. */
function of(name: string, found: string | undefined, commands: Commands): Candidate {
  if (found === undefined) return { name, on: undefined }
  return {
    name,
    on: (question) => ({ env: { SSL_CERT_FILE: question.caFile }, ...commands(found, question) }),
  }
}

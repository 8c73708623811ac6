import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { findProgram, suiteNeeds } from './need.ts'
import { startProgram, statusOf } from './program.ts'
import { freePort } from './real-registry.ts'
import { type Suite, suiteWithout } from './suite.ts'

/** A user account. */
export type Person = { username: string; password: string }

/** A running Gitea, or Forgejo, which has the same API. */
export type Gitea = {
  host: string
  admin: Person
  /** Creates an account; the packages of a private one are invisible to others. */
  person: (username: string, options?: { private: boolean }) => Promise<Person>
  /** Calls its API as the administrator. */
  api: (method: string, path: string, body?: object) => Promise<void>
  /** The file with the data of a digest. */
  blobPath: (digest: string) => string
  stop: () => Promise<void>
}

const program = findProgram('gitea') ?? findProgram('forgejo')

/** A `describe` for suites that run Gitea. Debian does not package it, so it may be missing even in CI. */
export function suiteWithGitea(): Suite {
  if (program !== undefined) return suiteNeeds(['git'])
  return suiteWithout('needs gitea or forgejo, not found on the PATH or in /usr/sbin', {
    mustRunInCi: false,
  })
}

const admin = { username: 'admin-of-tests', password: 'admin-Secret-1' }

/** Starts an instance with SQLite and all data in a temporary directory, which is removed at the end. */
export async function startGitea(): Promise<Gitea> {
  if (program === undefined) throw new Error('neither gitea nor forgejo is installed')
  const directory = await mkdtemp(join(tmpdir(), 'regguard-gitea-'))
  const config = join(directory, 'app.ini')
  const port = await freePort()
  const host = `127.0.0.1:${port}`
  await mkdir(join(directory, 'data'))
  await writeFile(config, configOf(directory, port))
  const env = { HOME: directory, GITEA_WORK_DIR: directory, FORGEJO_WORK_DIR: directory }
  const request = (...args: string[]) =>
    execa(program, ['--work-path', directory, '--config', config, ...args], { env })
  const create = ({ username, password }: Person, ...flags: string[]) =>
    request(
      ...['admin', 'user', 'create', '--username', username, '--password', password],
      ...['--email', `${username}@mail.test`, '--must-change-password=false', ...flags],
    )
  await request('migrate')
  await create(admin, '--admin')

  const server = await startProgram([program, '--work-path', directory, '--config', config, 'web'], {
    env,
    ready: async () => (await statusOf(`http://${host}/v2/`)) === 401,
    clear: () => rm(directory, { recursive: true, force: true }),
  })
  const api = async (method: string, path: string, body?: object) => {
    const pair = Buffer.from(`${admin.username}:${admin.password}`).toString('base64')
    const answer = await fetch(`http://${host}/api/v1/${path}`, {
      method,
      headers: { authorization: `Basic ${pair}`, 'content-type': 'application/json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
  }
  return {
    host,
    admin,
    api,
    stop: server.stop,
    person: async (username, options) => {
      const person = { username, password: `${username}-Secret-1` }
      await create(person)
      if (options?.private) {
        const change = { login_name: username, source_id: 0, visibility: 'private' }
        await api('PATCH', `admin/users/${username}`, change)
      }
      return person
    },
    blobPath: (digest) => {
      const hex = digest.replace(/^sha256:/, '')
      return join(directory, 'data/packages', hex.slice(0, 2), hex.slice(2, 4), hex)
    },
  }
}

function configOf(directory: string, port: number): string {
  return `
RUN_MODE = prod
WORK_PATH = ${directory}
${process.getuid?.() === 0 ? 'I_AM_BEING_UNSAFE_RUNNING_AS_ROOT = true' : ''}
[server]
HTTP_ADDR = 127.0.0.1
HTTP_PORT = ${port}
ROOT_URL = http://127.0.0.1:${port}/
APP_DATA_PATH = ${join(directory, 'data')}
DISABLE_SSH = true
OFFLINE_MODE = true
[database]
DB_TYPE = sqlite3
PATH = ${join(directory, 'data/gitea.db')}
[security]
INSTALL_LOCK = true
SECRET_KEY = of-the-tests
PASSWORD_HASH_ALGO = pbkdf2
[service]
DISABLE_REGISTRATION = true
[packages]
ENABLED = true
[cron]
ENABLED = false
[log]
LEVEL = Warn
MODE = console
`
}

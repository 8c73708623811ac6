import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { afterEach } from 'vitest'

/** A temporary home folder with files and programs, removed after the test. */
export type Home = {
  path: string
  /** Writes a file into the folder. Returns its path. */
  file(name: string, content: string | object): Promise<string>
  /** Installs `docker-credential-NAME` as a shell script. */
  helper(name: string, script: string): Promise<void>
  /** A PATH that begins with the installed helpers. */
  PATH: string
}

/** Returns a function that creates homes; they are removed after each test. */
export function useHomes(): () => Promise<Home> {
  const created: string[] = []
  afterEach(async () => {
    await Promise.all(created.splice(0).map((path) => rm(path, { recursive: true, force: true })))
  })
  return async () => {
    const path = await mkdtemp(join(tmpdir(), 'regguard-home-'))
    created.push(path)
    const file = async (name: string, content: string | object) => {
      const full = join(path, name)
      await mkdir(dirname(full), { recursive: true })
      await writeFile(full, typeof content === 'string' ? content : JSON.stringify(content))
      return full
    }
    return {
      path,
      file,
      helper: async (name, script) => {
        const full = await file(`bin/docker-credential-${name}`, `#!/bin/sh\n${script}\n`)
        await chmod(full, 0o755)
      },
      PATH: [join(path, 'bin'), process.env.PATH].join(delimiter),
    }
  }
}

/** The entry of an auth file for a user. */
export const authOf = (user: string, password: string) => ({
  auth: Buffer.from(`${user}:${password}`).toString('base64'),
})

/** The script of a helper that prints this credential. */
export const answerOf = (Username: string, Secret: string): string =>
  `cat <<'END'\n${JSON.stringify({ ServerURL: 'x', Username, Secret })}\nEND`

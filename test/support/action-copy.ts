import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'

const project = fileURLToPath(new URL('../../', import.meta.url))

/** The files of this repository that `uses: ./` reads after a checkout. */
const files = [
  'action.yml',
  'Dockerfile',
  '.dockerignore',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
]
const directories = ['scripts', 'src', 'docs/findings', '.forgejo/workflows']

/** Creates a separate git repository in a directory, with the action and the workflows. */
export async function copyAction(directory: string): Promise<void> {
  for (const name of [...files, ...directories]) {
    await cp(join(project, name), join(directory, name), { recursive: true })
  }
  const author = ['-c', 'user.name=test', '-c', 'user.email=test@example.com']
  for (const args of [
    ['init', '--quiet'],
    ['add', '--all'],
    [...author, 'commit', '--quiet', '--message', 'test'],
  ]) {
    await execa('git', args, { cwd: directory })
  }
}

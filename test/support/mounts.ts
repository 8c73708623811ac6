import { readFile } from 'node:fs/promises'
import { execa } from 'execa'

/** Unmounts whatever a program has left mounted below a directory. */
export async function unmountBelow(directory: string): Promise<void> {
  const mounts = (await readFile('/proc/self/mounts', 'utf8'))
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
  for (const path of mounts.filter((each) => each.startsWith(`${directory}/`)).reverse()) {
    await execa('umount', [path])
  }
}

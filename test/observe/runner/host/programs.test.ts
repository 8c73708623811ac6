import { describe, expect, test } from 'vitest'
import { listProcesses, programIn, programsIn } from '../../../../src/observe/runner/host/programs.ts'
import { fakeHostAccess } from '../../../support/fake-host-access.ts'

const stat = (name: string, flags = 4_194_560) => `1 (${name}) S 0 1 1 0 -1 ${flags} 1 2 3\n`

describe('the program of a process', () => {
  test.each(['k3s', 'tmux: server', 'a) R 1 (b', ') ('])('%s', (name) =>
    expect(programIn(stat(name))).toBe(name),
  )
  test('none for a kernel thread', () => expect(programIn(stat('kworker/0:1', 0x0020_0040))).toBeUndefined())
  test.each(['', '1', '()', '1 () S'])('none in %j', (text) => expect(programIn(text)).toBeUndefined())
})

describe('programs of the host', () => {
  test('without duplicates, sorted; a process that has exited is left out', async () => {
    const files = {
      '/proc/1/stat': stat('systemd'),
      '/proc/7/stat': stat('k3s'),
      '/proc/9/stat': stat('k3s'),
    }
    const access = fakeHostAccess({ files, directories: { '/proc': ['1', '7', '8', '9', 'self', 'net'] } })
    expect(programsIn(await listProcesses(access), true)).toMatchObject({
      seen: true,
      value: ['k3s', 'systemd'],
    })
  })
  test('not from a container, which sees only its own', async () => {
    const access = fakeHostAccess({
      directories: { '/proc': ['1'] },
      files: { '/proc/1/stat': stat('node') },
    })
    expect(programsIn(await listProcesses(access), false)).toMatchObject({
      seen: false,
      remedies: ['host-snapshot', 'host-pid'],
    })
  })
})

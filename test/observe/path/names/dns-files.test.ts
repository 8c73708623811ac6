import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readDnsFiles } from '../../../../src/observe/path/names/dns-files.ts'

let directory = ''
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'regguard-dns-'))
})
afterEach(() => rm(directory, { recursive: true, force: true }))

/** What is read of one file, without its path. */
async function readText(text: string) {
  const file = join(directory, 'file')
  await writeFile(file, text)
  const { files, problems } = await readDnsFiles([file])
  return {
    files: files.map(({ file: _file, ...rest }) => rest),
    problems: problems.map(({ message }) => message),
  }
}

describe('netplan', () => {
  test('has servers for each link', async () => {
    const text = `network:
  version: 2
  ethernets:
    eth0:
      addresses: [10.0.0.9/24]
      nameservers:
        addresses: [10.0.0.53, "2001:db8::53"]
        search: [lan]
    eth1: {}
  bonds:
    bond0:
      nameservers:
        addresses: [9.9.9.9]
`
    expect(await readText(text)).toEqual({
      files: [
        { kind: 'netplan', link: 'eth0', servers: ['10.0.0.53', '2001:db8::53'], search: ['lan'] },
        { kind: 'netplan', link: 'bond0', servers: ['9.9.9.9'], search: [] },
      ],
      problems: [],
    })
  })
  test('with a server that is no address names it', async () => {
    const text = 'network:\n  ethernets:\n    eth0:\n      nameservers:\n        addresses: [dns.lan]\n'
    expect((await readText(text)).problems).toEqual([
      'has “dns.lan” as name server of eth0, which is not an address',
    ])
  })
  test('that is not YAML is a problem with its place', async () => {
    expect((await readText('network:\n  ethernets: {\n')).problems).toEqual([
      expect.stringMatching(/^is not valid YAML: .*line \d/),
    ])
  })
})

describe('resolved.conf', () => {
  test('has servers of several lines; the address counts', async () => {
    const text =
      '[Resolve]\n#DNS=1.1.1.1\nDNS=10.0.0.53:5353#dns.lan [2001:db8::53]:53\nDNS=fe80::1%eth0\nFallbackDNS=9.9.9.9\nDomains=lan ~corp\n'
    expect((await readText(text)).files).toEqual([
      {
        kind: 'resolved',
        servers: ['10.0.0.53', '2001:db8::53', 'fe80::1'],
        search: ['lan', '~corp'],
        fallback: ['9.9.9.9'],
      },
    ])
  })
  test('an empty value clears the list', async () => {
    expect((await readText('[Resolve]\nDNS=1.1.1.1\nDNS=\nDNS=9.9.9.9\n')).files).toMatchObject([
      { servers: ['9.9.9.9'] },
    ])
  })
})

test('resolv.conf has its servers and search domains', async () => {
  expect((await readText('search lan\nnameserver 10.0.0.53\n')).files).toEqual([
    { kind: 'resolv.conf', servers: ['10.0.0.53'], search: ['lan'] },
  ])
})

test('folders are read by name, and only their .yaml and .conf files', async () => {
  await mkdir(join(directory, 'd'))
  for (const [name, server] of [
    ['20.conf', '10.0.0.2'],
    ['10.conf', '10.0.0.1'],
    ['note.txt', '10.0.0.3'],
  ])
    await writeFile(join(directory, 'd', `${name}`), `[Resolve]\nDNS=${server}\n`)
  const { files } = await readDnsFiles([join(directory, 'd')])
  expect(files.map(({ servers }) => servers)).toEqual([['10.0.0.1'], ['10.0.0.2']])
})

test('what cannot be read has a message of its own', async () => {
  const path = (name: string) => join(directory, name)
  await mkdir(path('empty'))
  await writeFile(path('other'), 'hello\n')
  await writeFile(path('large'), `# ${'x'.repeat(300_000)}\nnameserver 10.0.0.53\n`)
  const { problems } = await readDnsFiles([...['nowhere', 'empty', 'other', 'large'].map(path), '/dev/zero'])
  expect(problems.map(({ file, message }) => [file.replace(`${directory}/`, ''), message])).toEqual(
    expect.arrayContaining([
      ['nowhere', 'does not exist'],
      ['empty', 'has no .yaml or .conf file'],
      ['other', 'is neither netplan YAML, nor resolved.conf, nor resolv.conf'],
      ['large', 'is larger than 256 KiB'],
      ['/dev/zero', 'is not a file'],
    ]),
  )
})

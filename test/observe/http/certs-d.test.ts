import { mkdir } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { readCertsD } from '../../../src/observe/http/certs-d.ts'
import { useHomes } from '../credentials/homes.ts'

const homeOf = useHomes()

describe('the certificates of a host in certs.d', () => {
  test('are empty without a folder for the host', async () => {
    const { path } = await homeOf()
    expect(await readCertsD('registry.test', path)).toEqual({ authorities: [], unread: [] })
    expect(await readCertsD('registry.test', `${path}/nowhere`)).toEqual({ authorities: [], unread: [] })
  })

  test('include every authority in the folder of the host, and in no other', async () => {
    const { path, file } = await homeOf()
    await file('registry.test:5000/ca.crt', 'ONE')
    await file('registry.test:5000/more.crt', 'TWO')
    await file('registry.test:5000/readme.txt', 'NO')
    await file('registry.test/ca.crt', 'OTHER')
    const { authorities, ...rest } = await readCertsD('registry.test:5000', path)
    expect(authorities.sort()).toEqual(['ONE', 'TWO'])
    expect(rest).toEqual({ unread: [] })
    expect(await readCertsD('registry.test', path)).toEqual({ authorities: ['OTHER'], unread: [] })
  })

  test('include a client certificate with the key of the same name', async () => {
    const { path, file } = await homeOf()
    await file('registry.test/client.cert', 'CERT')
    await file('registry.test/client.key', 'KEY')
    await file('registry.test/other.key', 'WRONG')
    expect(await readCertsD('registry.test', path)).toEqual({
      authorities: [],
      cert: 'CERT',
      key: 'KEY',
      unread: [],
    })
  })

  test('include no client certificate without its key', async () => {
    const { path, file } = await homeOf()
    await file('registry.test/client.cert', 'CERT')
    await file('registry.test/another.key', 'KEY')
    expect(await readCertsD('registry.test', path)).toEqual({ authorities: [], unread: [] })
  })

  test('are found for an IPv6 address in brackets', async () => {
    const { path, file } = await homeOf()
    await file('[2001:db8::1]:5000/ca.crt', 'ONE')
    expect(await readCertsD('[2001:db8::1]:5000', path)).toEqual({ authorities: ['ONE'], unread: [] })
  })

  test('leave out empty and unreadable files, and name the unreadable ones', async () => {
    const { path, file } = await homeOf()
    await file('registry.test/empty.crt', '')
    await mkdir(`${path}/registry.test/folder.crt`)
    await file('registry.test/good.crt', 'ONE')
    expect(await readCertsD('registry.test', path)).toEqual({
      authorities: ['ONE'],
      unread: ['folder.crt (EISDIR)'],
    })
  })

  test.each([['../other'], ['a/b'], ['a\0b'], ['a b'], ['']])(
    'are empty for %j, which is not a host',
    async (host) => {
      const { path, file } = await homeOf()
      await file('other/ca.crt', 'ONE')
      await file('certs/ca.crt', 'TWO')
      await file('ca.crt', 'THREE')
      expect(await readCertsD(host, `${path}/certs`)).toEqual({ authorities: [], unread: [] })
    },
  )
})

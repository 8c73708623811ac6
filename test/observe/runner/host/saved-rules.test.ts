import { expect, test } from 'vitest'
import { observeSavedRules } from '../../../../src/observe/runner/host/saved-rules.ts'
import { fakeHostAccess } from '../../../support/fake-host-access.ts'

test('files of saved rules, the bridges in them, and whether a unit restores them', async () => {
  const access = fakeHostAccess({
    files: {
      '/etc/iptables/rules.v4':
        '*filter\n-A FORWARD -o br-0123456789ab -j DOCKER\n-A FORWARD -i br-0123456789ab -j ACCEPT\n# br-ffffffffffff\nCOMMIT\n',
      '/etc/nftables.conf': '#!/usr/sbin/nft -f\n\nflush ruleset\n\ntable inet filter {\n}\n',
    },
    directories: {
      '/etc/systemd/system': ['multi-user.target.wants', 'sshd.service'],
      '/etc/systemd/system/multi-user.target.wants': ['netfilter-persistent.service'],
    },
  })
  expect(await observeSavedRules(access)).toEqual([
    {
      ...{ program: 'netfilter-persistent', file: '/etc/iptables/rules.v4', enabled: true },
      ...{ flushes: false, bridges: ['br-0123456789ab'] },
    },
    {
      ...{ program: 'nftables.service', file: '/etc/nftables.conf', enabled: false },
      ...{ flushes: true, bridges: [] },
    },
  ])
})

test('without such files there are none', async () => {
  expect(await observeSavedRules(fakeHostAccess({}))).toEqual([])
})

import { expect, test } from 'vitest'
import { isPrivateName } from '../../src/net/private-name.ts'

test.each(['registry', 'registry.lan', 'Registry.Internal.', 'a.b.home.arpa', 'registry.svc.cluster.local'])(
  '%s is a name for private use',
  (name) => {
    expect(isPrivateName(name)).toBe(true)
  },
)

test.each(['registry.example.com', 'lan.example.com', 'ghcr.io', 'in-addr.arpa', 'internal.org'])(
  '%s may be in the public DNS',
  (name) => {
    expect(isPrivateName(name)).toBe(false)
  },
)

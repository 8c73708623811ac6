import type { Site } from './answers.ts'

/** The addresses and names of the lab: an ingress inside, its public address, and servers beside it. */
export const names = {
  'registry.lab': '203.0.113.10',
  'auth.lab': '203.0.113.10',
  'mirror.lab': '10.88.0.10',
  'plain.lab': '10.88.0.30',
  'storage.lab': '10.88.0.40',
  'registry-1.docker.io': '203.0.113.20',
  'auth.docker.io': '203.0.113.20',
  'dead.lab': '10.88.0.99',
}
export const addresses = [...new Set(Object.values(names))]

export const realm = 'https://auth.lab/token'
const routes: Site['hosts'] = {
  'registry.lab': { kind: 'registry', realm },
  'auth.lab': { kind: 'token' },
}

/** The registry at its public address. */
export const atPublic: Site = {
  address: '203.0.113.10',
  port: 443,
  tls: ['registry.lab', 'auth.lab'],
  hosts: routes,
  otherwise: { kind: 'empty' },
}

/** The same registry at the internal address of the ingress, which routes by name. */
export const ingress: Site = {
  ...{ address: '10.88.0.10', port: 443, tls: ['registry.lab', 'auth.lab', 'mirror.lab'] },
  hosts: { ...routes, 'mirror.lab': { kind: 'registry' } },
  otherwise: { kind: 'empty' },
}

/** A server in plain HTTP. */
export const plain = (otherwise: Site['otherwise'], hosts: Site['hosts'] = {}): Site => ({
  ...{ address: '10.88.0.30', port: 80, hosts, otherwise },
})

export const storage: Site = {
  ...{ address: '10.88.0.40', port: 443, tls: ['storage.lab'], hosts: {}, otherwise: { kind: 'storage' } },
}

/** Docker Hub with its token server. */
export const hub: Site = {
  ...{ address: '203.0.113.20', port: 443, tls: ['registry-1.docker.io', 'auth.docker.io'] },
  hosts: {
    'registry-1.docker.io': { kind: 'registry', realm: 'https://auth.docker.io/token' },
    'auth.docker.io': { kind: 'token' },
  },
  otherwise: { kind: 'empty' },
}

import type { MirrorCase } from './containerd-cases.ts'
import { atPublic, hub, ingress, plain, storage } from './sites.ts'

/** dockerd keeps what it had of a key that is absent when it reads the file again. */
const daemon = (config: object) => ({
  'daemon.json': JSON.stringify({ 'registry-mirrors': [], 'insecure-registries': [], ...config }),
})
export const withPath = 'a mirror with a path'
const onHub = 'docker.io/library/app:1'

/** What dockerd makes of daemon.json. */
export const cases: MirrorCase[] = [
  { what: 'Docker Hub without a mirror', files: daemon({}), sites: [hub], reference: onHub },
  {
    what: 'a mirror that has the image',
    files: daemon({ 'registry-mirrors': ['http://plain.lab'] }),
    sites: [hub, plain({ kind: 'registry' })],
    reference: onHub,
  },
  {
    what: 'a mirror that does not have it',
    files: daemon({ 'registry-mirrors': ['http://plain.lab/'] }),
    sites: [hub, plain({ kind: 'empty' })],
    reference: onHub,
  },
  {
    what: 'a mirror that nobody answers at',
    files: daemon({ 'registry-mirrors': ['https://dead.lab'] }),
    sites: [hub],
    reference: onHub,
  },
  {
    what: 'a mirror with an error, then one by name',
    files: daemon({ 'registry-mirrors': ['http://plain.lab', 'https://mirror.lab'] }),
    sites: [hub, ingress, plain({ kind: 'status', status: 500 })],
    reference: onHub,
  },
  {
    what: 'a bare address behind an ingress that routes by name',
    files: daemon({ 'registry-mirrors': ['https://10.88.0.10'], 'insecure-registries': ['10.88.0.10'] }),
    sites: [hub, ingress],
    reference: onHub,
  },
  {
    what: 'a bare address whose certificate is not trusted',
    files: daemon({ 'registry-mirrors': ['https://10.88.0.10'] }),
    sites: [hub, ingress],
    reference: onHub,
  },
  {
    what: withPath,
    files: daemon({ 'registry-mirrors': ['http://plain.lab/cache'] }),
    sites: [hub, plain({ kind: 'registry' })],
    reference: onHub,
  },
  {
    what: 'a mirror that asks for a token',
    files: daemon({ 'registry-mirrors': ['http://plain.lab'] }),
    sites: [hub, plain({ kind: 'registry', realm: 'https://auth.docker.io/token' })],
    reference: onHub,
  },
  {
    what: 'a mirror that redirects blobs to a host that is down',
    files: daemon({ 'registry-mirrors': ['http://plain.lab'] }),
    sites: [hub, plain({ kind: 'registry', storage: 'https://dead.lab/x' })],
    reference: onHub,
  },
  {
    what: 'a mirror that redirects blobs',
    files: daemon({ 'registry-mirrors': ['http://plain.lab'] }),
    sites: [hub, storage, plain({ kind: 'registry', storage: 'https://storage.lab/x' })],
    reference: onHub,
  },
  {
    what: 'a mirror is for Docker Hub only',
    files: daemon({ 'registry-mirrors': ['http://plain.lab'] }),
    sites: [atPublic, plain({ kind: 'registry' })],
  },
  {
    what: 'an insecure registry in plain HTTP',
    files: daemon({ 'insecure-registries': ['plain.lab'] }),
    sites: [plain({ kind: 'registry' })],
    reference: 'plain.lab/team/app:1',
  },
  {
    what: 'a mirror without the image, and a hub that is down',
    files: daemon({ 'registry-mirrors': ['http://plain.lab'] }),
    sites: [plain({ kind: 'empty' })],
    reference: onHub,
  },
]

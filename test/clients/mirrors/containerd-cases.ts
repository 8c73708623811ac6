import type { Site } from './answers.ts'
import { atPublic, ingress, plain, realm, storage } from './sites.ts'

/** A configuration and the servers that it meets; the reference is `registry.lab/team/app:1` unless another is named. */
export type MirrorCase = { what: string; files: Record<string, string>; sites: Site[]; reference?: string }

const file = (content: string, folder = 'registry.lab') => ({ [`${folder}/hosts.toml`]: content })

export const cases: MirrorCase[] = [
  { what: 'no configuration', files: file('', 'other.lab'), sites: [atPublic] },
  {
    what: 'a mirror that has the image',
    files: file('server = "https://registry.lab"\n[host."http://plain.lab"]\n'),
    sites: [atPublic, plain({ kind: 'registry' })],
  },
  {
    what: 'a bare address behind an ingress that routes by name, with the Host header that does not help',
    files: file(
      'server = "https://registry.lab"\n[host."https://10.88.0.10"]\nskip_verify = true\n[host."https://10.88.0.10".header]\nHost = "registry.lab"\nX-Custom = ["1"]\n',
    ),
    sites: [atPublic, ingress],
  },
  {
    what: 'a name in place of the address',
    files: file('server = "https://registry.lab"\n[host."https://mirror.lab"]\n'),
    sites: [atPublic, ingress],
  },
  {
    what: 'a mirror that asks for a token of a realm outside',
    files: file('server = "https://registry.lab"\n[host."http://plain.lab"]\n'),
    sites: [atPublic, plain({ kind: 'registry', realm })],
  },
  {
    what: 'a mirror that nobody answers at, and no server',
    files: file('[host."https://dead.lab"]\n'),
    sites: [atPublic],
  },
  {
    what: 'a mirror that answers 500, then one that answers 404',
    files: file('[host."http://plain.lab"]\n[host."https://10.88.0.10"]\nskip_verify = true\n'),
    sites: [atPublic, ingress, plain({ kind: 'status', status: 500 })],
  },
  {
    what: 'a mirror that answers 405 to HEAD and GET',
    files: file('[host."http://plain.lab"]\n'),
    sites: [atPublic, plain({ kind: 'status', status: 405 })],
  },
  {
    what: 'a mirror that answers 403',
    files: file('[host."http://plain.lab"]\n'),
    sites: [atPublic, plain({ kind: 'status', status: 403 })],
  },
  {
    what: 'a mirror that may pull and not resolve',
    files: file('server = "https://registry.lab"\n[host."http://plain.lab"]\ncapabilities = ["pull"]\n'),
    sites: [atPublic, plain({ kind: 'registry' })],
  },
  {
    what: 'a mirror that may resolve and not pull',
    files: file('[host."http://plain.lab"]\ncapabilities = ["resolve"]\n'),
    sites: [atPublic, plain({ kind: 'registry' })],
  },
  {
    what: 'a path of its own, with and without override_path',
    files: file(
      '[host."http://plain.lab/cache/"]\n[host."https://10.88.0.10/v2/proxy"]\noverride_path = true\nskip_verify = true\n',
    ),
    sites: [atPublic, ingress, plain({ kind: 'empty' })],
  },
  {
    what: 'another server than the registry of the reference',
    files: file('server = "https://mirror.lab"\n'),
    sites: [atPublic, ingress],
  },
  {
    what: 'a file without hosts, for its authority',
    files: { ...file('server = "https://registry.lab"\nskip_verify = true\n') },
    sites: [atPublic],
  },
  {
    what: 'a file that does not parse',
    files: file('server = "https://mirror.lab"\n[host."http://plain.lab"\n'),
    sites: [atPublic, plain({ kind: 'registry' })],
  },
  {
    what: 'a host twice',
    files: file('[host."http://plain.lab"]\n[host."http://plain.lab"]\ncapabilities = ["pull"]\n'),
    sites: [atPublic, plain({ kind: 'registry' })],
  },
  {
    what: 'a host whose sections do not stand together',
    files: file(
      '[host."http://plain.lab"]\n[host."https://mirror.lab"]\n[host."http://plain.lab".header]\nX-A = "1"\n',
    ),
    sites: [atPublic, plain({ kind: 'empty' }), { ...ingress, otherwise: { kind: 'empty' }, hosts: {} }],
  },
  {
    what: 'a host as an inline table',
    files: file('host = { "http://plain.lab" = { capabilities = ["pull", "resolve"] } }\n'),
    sites: [atPublic, plain({ kind: 'registry' })],
  },
  {
    what: 'an unknown capability',
    files: file('[host."http://plain.lab"]\ncapabilities = ["pull", "mirror"]\n'),
    sites: [atPublic, plain({ kind: 'registry' })],
  },
  {
    what: 'the capability referrers, which containerd 1.x does not know',
    files: file('[host."http://plain.lab"]\ncapabilities = ["pull", "resolve", "referrers"]\n'),
    sites: [atPublic, plain({ kind: 'registry' })],
  },
  {
    what: 'a dial_timeout that is no duration, which containerd 1.x does not read',
    files: file('[host."http://plain.lab"]\ndial_timeout = "5"\n'),
    sites: [atPublic, plain({ kind: 'registry' })],
  },
  {
    what: 'a dial_timeout',
    files: file('[host."http://plain.lab"]\ndial_timeout = "1m30s"\n'),
    sites: [atPublic, plain({ kind: 'registry' })],
  },
  {
    what: 'plain HTTP with TLS settings, and nothing at the port of TLS',
    files: file('[host."http://plain.lab"]\nskip_verify = true\n'),
    sites: [atPublic, plain({ kind: 'registry' })],
  },
  {
    what: 'plain HTTP with TLS settings at a port of its own',
    files: file('[host."http://plain.lab:5000"]\nskip_verify = true\n'),
    sites: [atPublic, { ...plain({ kind: 'registry' }), port: 5000 }],
  },
  {
    what: 'TLS settings, and TLS at a port that is configured as plain HTTP',
    files: file('[host."http://mirror.lab:5443"]\nskip_verify = true\n'),
    sites: [atPublic, { ...ingress, port: 5443 }],
  },
  {
    what: 'the folder _default',
    files: file('[host."http://plain.lab"]\n', '_default'),
    sites: [atPublic, plain({ kind: 'registry' })],
  },
  {
    what: 'a folder without hosts.toml, which hides _default',
    files: { ...file('[host."http://plain.lab"]\n', '_default'), 'registry.lab/notes.txt': '' },
    sites: [atPublic, plain({ kind: 'registry' })],
  },
  {
    what: 'a folder with the port, in the form host_port_',
    files: {
      ...file('[host."http://plain.lab"]\n', 'registry.lab_443_'),
      ...file('[host."https://mirror.lab"]\n', 'registry.lab:443'),
    },
    sites: [atPublic, ingress, plain({ kind: 'registry' })],
    reference: 'registry.lab:443/team/app:1',
  },
  {
    what: 'a folder for another port',
    files: file('[host."http://plain.lab"]\n', 'registry.lab:5000'),
    sites: [atPublic, plain({ kind: 'registry' })],
  },
  {
    what: 'blobs behind a redirect',
    files: file('[host."http://plain.lab"]\n'),
    sites: [atPublic, storage, plain({ kind: 'registry', storage: 'https://storage.lab/x' })],
  },
  {
    what: 'blobs behind a redirect to a host that is down',
    files: file('[host."http://plain.lab"]\n'),
    sites: [atPublic, plain({ kind: 'registry', storage: 'https://dead.lab/x' })],
  },
  {
    what: 'a mirror without the image, and a registry that is down',
    files: file('[host."http://plain.lab"]\n'),
    sites: [plain({ kind: 'empty' })],
  },
  {
    what: 'a mirror that is down, and a registry without the image',
    files: file('[host."https://dead.lab"]\n'),
    sites: [{ ...atPublic, hosts: {} }],
  },
  {
    what: 'a mirror without the image, another with an error, and a registry that is down',
    files: file('[host."http://plain.lab"]\n[host."https://mirror.lab"]\n'),
    sites: [
      plain({ kind: 'empty' }),
      { ...ingress, hosts: { 'mirror.lab': { kind: 'status', status: 502 } } },
    ],
  },
  {
    what: 'storage without the blobs, and a registry that is down',
    files: file('[host."http://plain.lab"]\n'),
    sites: [
      plain({ kind: 'registry', storage: 'https://storage.lab/x' }),
      { ...storage, otherwise: { kind: 'empty' } },
    ],
  },
  {
    what: 'a redirect in a circle',
    files: file('[host."http://plain.lab"]\n'),
    sites: [plain({ kind: 'registry', storage: 'http://plain.lab/x' })],
  },
  {
    what: 'a mirror of Docker Hub',
    files: file('[host."http://plain.lab"]\n', 'docker.io'),
    sites: [plain({ kind: 'registry' })],
    reference: 'docker.io/library/app:1',
  },
]

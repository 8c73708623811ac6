import type { ConfigBody } from './build.ts'

/** What is wrong, or only odd, in a configuration: from a correct one to that of the shape; a string is its bytes. */
export const configChanges: Record<string, (right: ConfigBody) => object | string> = {
  'without os and architecture': ({ os: _, architecture: __, ...body }) => body,
  'without os': ({ os: _, ...body }) => body,
  'without architecture': ({ architecture: _, ...body }) => body,
  '{}': () => '{}',
  null: () => 'null',
  '[]': () => '[]',
  'no JSON': () => 'not JSON',
  'no bytes': () => '',
  'without rootfs': ({ rootfs: _, ...body }) => body,
  'without config': ({ config: _, ...body }) => body,
  'config null': (body) => ({ ...body, config: null }),
  'rootfs.type other': (body) => ({ ...body, rootfs: { ...body.rootfs, type: 'else' } }),
  'rootfs.type missing': (body) => ({ ...body, rootfs: { diff_ids: body.rootfs.diff_ids } }),
  'Cmd a string': withConfig({ Cmd: '/bin/true' }),
  'Env an object': withConfig({ Env: { A: 'b' } }),
  'Labels a list': withConfig({ Labels: ['a=b'] }),
  'ExposedPorts a list': withConfig({ ExposedPorts: ['80/tcp'] }),
  'Volumes a list': withConfig({ Volumes: ['/data'] }),
  'User a number': withConfig({ User: 1000 }),
  'created no time': (body) => ({ ...body, created: 'yesterday' }),
  'created empty': (body) => ({ ...body, created: '' }),
  'created null': (body) => ({ ...body, created: null }),
  'created a number': (body) => ({ ...body, created: 1767225600 }),
  'os a number': (body) => ({ ...body, os: 1 }),
  'history twice as long': (body) => ({ ...body, history: [...body.history, ...body.history] }),
  'history of empty layers only': (body) => ({ ...body, history: [{ empty_layer: true }] }),
  'history missing': ({ history: _, ...body }) => body,
  'history null': (body) => ({ ...body, history: null }),
  'history an object': (body) => ({ ...body, history: {} }),
  'os windows': (body) => ({ ...body, os: 'windows' }),
  'architecture arm64': (body) => ({ ...body, architecture: 'arm64' }),
  'architecture x86_64': (body) => ({ ...body, architecture: 'x86_64' }),
  'diff_id of something else': withDiffIds(() => [`sha256:${'4'.repeat(64)}`]),
  'diff_id malformed': withDiffIds(() => ['none']),
  'one diff_id too many': withDiffIds((ids) => [...ids, `sha256:${'3'.repeat(64)}`]),
  'one diff_id too few': withDiffIds((ids) => ids.slice(1)),
  'diff_ids null': withDiffIds(() => null),
  'unknown fields': (body) => ({ ...body, 'org.example.more': { deep: [1] } }),
}

function withConfig(config: object): (right: ConfigBody) => object {
  return (right) => ({ ...right, config })
}

function withDiffIds(change: (ids: string[]) => string[] | null): (right: ConfigBody) => object {
  return (right) => ({ ...right, rootfs: { ...right.rootfs, diff_ids: change(right.rootfs.diff_ids) } })
}

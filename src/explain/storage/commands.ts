import type { RepairAction, RepairStep } from '../../facts/storage/repair.ts'
import { awsS3 } from './files.ts'
import { dataPath, type RepairPlace } from './place.ts'
import { pathWord, shellWord } from './shell.ts'

/** A step as a person takes it. */
export interface RepairCommand {
  /** For a POSIX shell on the registry's host; undefined where a build does it. */
  command?: string
  /** What it changes. */
  writes: string
}

/** The command of a step, and what it writes. None of them deletes anything. */
export function repairCommand(step: RepairStep, place: RepairPlace): RepairCommand {
  return commands[step.action](step, place)
}

const commands: Record<RepairAction, (step: RepairStep, place: RepairPlace) => RepairCommand> = {
  'move-away': ({ digest = '', isUnproven }, place) => {
    const path = dataPath(place, digest)
    const isBucket = place.driver === 's3'
    const move = isBucket ? `${awsS3(place)} mv` : 'mv'
    const [algorithm = '', hex = ''] = digest.split(':')
    const content = isBucket
      ? `${awsS3(place)} cp ${pathWord(path)} - | ${algorithm}sum`
      : `${algorithm}sum < ${pathWord(path)}`
    const unlessSound = isUnproven ? `[ "$(${content})" = '${hex}  -' ] || ` : ''
    return {
      command: `${unlessSound}${move} ${pathWord(path)} ${pathWord(`${path}.damaged`)}`,
      writes: 'renames the damaged file, so that the next push writes it anew',
    }
  },
  restart: (_, place) => ({
    command: restart(place),
    writes: 'nothing; the registry forgets what it has cached',
  }),
  'restart-again': (_, place) => ({
    command: restart(place),
    writes: 'nothing; the registry forgets the wrong links',
  }),
  'mount-blob': ({ repository = '', digest = '', from = '' }, { registry }) => ({
    command: `curl -fsS -o /dev/null -w '%{http_code}\\n' -X POST ${shellWord(`${registry}/v2/${repository}/blobs/uploads/?mount=${digest}&from=${from}`)}`,
    writes: `the link of the blob in ${repository}; it must print 201`,
  }),
  // The address is a path where the registry has http.relativeurls.
  'upload-blob': ({ repository = '', digest = '', keptAs = digest }, place) => ({
    command: `url=$(curl -fsS -D - -o /dev/null -X POST ${shellWord(`${place.registry}/v2/${repository}/blobs/uploads/`)} | tr -d '\\r' | sed -n 's/^[Ll]ocation: //p') && case $url in /*) url=${shellWord(place.registry)}$url;; esac && ${sent(place, keptAs, (source) => `curl -fsSg -T ${source} "$url&digest=${digest}"`)}`,
    writes: `the link of the blob in ${repository}; its bytes are sent and, as they exist, not stored again`,
  }),
  'put-manifest': (step, place) => ({
    command: put(step, place, step.digest ?? ''),
    writes: `the link of the manifest in ${step.repository}`,
  }),
  'put-tag': (step, place) => ({
    command: put(step, place, step.tag ?? ''),
    writes: `the link of the tag ${step.tag} in ${step.repository}`,
  }),
  'roll-back': (step, place) => ({
    command: put(step, place, step.tag ?? ''),
    writes: `the tag ${step.tag} in ${step.repository}: it then points to an older image`,
  }),
  'push-again': ({ repository, tag }) => ({
    writes: `${repository}:${tag}: build and push it again, or copy it from where it still exists`,
  }),
}

const restart = ({ container }: RepairPlace): string => `docker restart ${shellWord(container)}`

/** Tags an image that is there; a person replaces `TAG`. */
export function craneTag({ registry }: RepairPlace, repository: string, digest: string): string {
  const flag = registry.startsWith('http:') ? '--insecure ' : ''
  return `crane tag ${flag}${registry.replace(/^https?:\/\//, '')}/${repository}@${digest} TAG`
}

/** Collects without `--delete-untagged`: in the container, with the file that it was started with, or that of the official image. */
export function plainCollection(version: '2.8' | '3', { container, config }: RepairPlace): string {
  const usual = version === '2.8' ? '/etc/docker/registry/config.yml' : '/etc/distribution/config.yml'
  return `docker exec ${shellWord(container)} registry garbage-collect ${shellWord(config ?? usual)}`
}

const put = (
  { repository, digest = '', mediaType = '' }: RepairStep,
  place: RepairPlace,
  reference: string,
) =>
  sent(
    place,
    digest,
    (source) =>
      `curl -fsS -X PUT -H ${shellWord(`Content-Type: ${mediaType}`)} --data-binary @${source} ${shellWord(`${place.registry}/v2/${repository}/manifests/${reference}`)}`,
  )

/** A command that sends the data of a digest: from its file, or through a pipe from a bucket. */
function sent(place: RepairPlace, digest: string, send: (source: string) => string): string {
  const path = pathWord(dataPath(place, digest))
  return place.driver === 's3' ? `${awsS3(place)} cp ${path} - | ${send('-')}` : send(path)
}

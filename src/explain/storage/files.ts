import { dirname } from 'node:path/posix'
import { inLayout, type RepairPlace } from './place.ts'
import { folderWord, pathWord, shellWord } from './shell.ts'

/** The client of a bucket: Amazon's, or the same for another server. */
export const awsS3 = ({ endpoint }: RepairPlace): string =>
  endpoint === undefined ? 'aws s3' : `aws --endpoint-url ${shellWord(endpoint)} s3`

/**
 * Moves a file or a folder out of the layout, to the same path in a folder beside it: there it overwrites nothing, the registry does not
 * read it, and it can be moved back.
 */
export function moveAside(place: RepairPlace, path: string, kind: 'file' | 'folder'): string {
  const [from, to] = [inLayout(place, path), `${inLayout(place)}.aside/${path}`]
  if (place.driver === 's3')
    return `${awsS3(place)} mv ${kind === 'folder' ? '--recursive ' : ''}${pathWord(from)} ${pathWord(to)}`
  return `mkdir -p ${folderWord(dirname(to))} && mv ${pathWord(from)} ${pathWord(to)}`
}

/** Renames a file in its folder. */
export function renameFile(place: RepairPlace, path: string, suffix: string): string {
  const file = inLayout(place, path)
  const move = place.driver === 's3' ? `${awsS3(place)} mv` : 'mv'
  return `${move} ${pathWord(file)} ${pathWord(`${file}${suffix}`)}`
}

/** Writes a digest into a link. */
export function writeLink(place: RepairPlace, path: string, digest: string): string {
  const word = pathWord(inLayout(place, path))
  return place.driver === 's3'
    ? `printf %s ${shellWord(digest)} | ${awsS3(place)} cp - ${word}`
    : `printf %s ${shellWord(digest)} > ${word}`
}

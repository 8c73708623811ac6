/** An error of a pull without what wraps it, and the image that the wrappers name. */
export interface Unwrapped {
  text: string
  image?: string
}

/** So much of a message is read: events hold up to 1 kB, a pod's status may hold more. */
const maxChars = 8192

/** What is stripped from the front, in any order and number. A group `image` names what was pulled. */
const wrappers: readonly RegExp[] = [
  /^\(combined from similar events\): /,
  /^Failed to pull (?:image|artifact) "(?<image>[^"]*)": /,
  /^Back-off pulling (?:image|artifact) "(?<image>[^"]*)": /,
  /^Err(?:ImagePull|ImageNeverPull)?: (?=.)/,
  /^ErrImagePull: /,
  /^rpc error: code = (?:Unknown|NotFound|FailedPrecondition|Internal|InvalidArgument|PermissionDenied|Unauthenticated|ResourceExhausted) desc = /,
  /^failed to pull and unpack image "(?<image>[^"]*)": /,
  /^Error response from daemon: /,
  /^unable to pull image or OCI artifact: pull image err: /,
  /^failed to pull artifact from '(?:oci:\/\/)?(?<image>[^']*)': /,
]

/**
 * The error that is left of a message once kubelet's, the runtime's and Flux's wrappers are gone. Of CRI-O's pair of errors, for an image
 * and for an artifact, the first is kept; of its list of mirrors that failed too, the error of the registry itself.
 */
export function unwrap(message: string): Unwrapped {
  let text = message.slice(0, maxChars).trim()
  let image: string | undefined
  for (let wrapper = find(text); wrapper; wrapper = find(text)) {
    image ??= wrapper.groups?.image
    text = text.slice(wrapper[0].length)
  }
  const artifact = text.indexOf('; artifact err: ')
  if (artifact > 0) text = text.slice(0, artifact)
  const mirrors = text.indexOf('(Mirrors also failed: ')
  const end = mirrors < 0 ? -1 : text.indexOf(']): ', mirrors)
  if (end > 0) text = text.slice(end + ']): '.length)
  return { text, ...(image === undefined || image === '' ? {} : { image }) }
}

function find(text: string): RegExpExecArray | undefined {
  for (const wrapper of wrappers) {
    const found = wrapper.exec(text)
    if (found) return found
  }
  return undefined
}

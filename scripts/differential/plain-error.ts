/** A client's error without what differs from run to run: addresses, digests, times, and folders and names of its own. */
export function plainError(text: string): string {
  return text
    .replace(/^time="[^"]*" level=fatal msg=/, '')
    .replace(/(^|: )(?:ctr|Error): /g, '$1')
    .replaceAll('\\"', '"')
    .replace(/^"(.*)"$/, '$1')
    .replace(/127\.0\.0\.1:\d+\/shape\/\d+(?::1)?(?:@sha256:[0-9a-f]{64})?/g, '…')
    .replace(/(?:https?:\/\/)?127\.0\.0\.1:\d+\/v2\/shape\/\d+/g, '…')
    .replace(/127\.0\.0\.1:\d+/g, '…')
    .replace(/[0-9a-f]{64}/g, '…')
    .replace(
      /(?:\/[\w.-]+)*\/(?:regguard-[\w-]+|storage\d+|containerd-mount\d+|docker-builder\d+)(?:\/[\w.-]+)*/g,
      '…',
    )
    .replace(/"extract-[^" ]+ /g, '"extract-… ')
    .replace(/\s+/g, ' ')
    .trim()
}

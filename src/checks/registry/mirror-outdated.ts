import { copyCommand } from '../copy-command.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'mirror-outdated',
  group: 'registry',
  title: 'tags of the mirror refer to what they refer to in their registry',
  fault: 'Outdated copy: the tag refers to another image in the mirror than in its registry.',
  severity: 'warning',
  advice:
    'Copy the image again; pin images by their digest, so that nodes get the same one from the mirror and from the registry.',
  reads: ['registry.mirrors'],
  run: ({ registry: { coverage } }, settings) =>
    (coverage?.mirrors ?? []).flatMap(({ mirror, registry, images }) =>
      images.flatMap(({ image, at, digest, upstream }) =>
        digest === undefined || upstream.digest === undefined || digest === upstream.digest
          ? []
          : [
              {
                subject: image,
                message: `${mirror} serves another image`,
                expected: upstream.digest,
                actual: digest,
                cause: `${mirror} ${registry}`,
                commands: [copyCommand({ image, at }, settings)],
              },
            ],
      ),
    ),
})

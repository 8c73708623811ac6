import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'push-not-granted',
  group: 'registry',
  title: 'the login may push, where required',
  fault: 'Push not granted: the token server does not grant this login the right to push.',
  severity: 'error',
  advice:
    'Give the account write access to the repository, or use an access token that may write packages; then check that the build step uses the same login.',
  reads: ['registry.push'],
  run: ({ registry }) =>
    (registry.push ?? []).flatMap(({ repository, access }) =>
      access.state === 'refused'
        ? [
            {
              subject: repository,
              message: 'the token does not include push',
              expected: access.asked,
              actual: access.scope,
              repository,
            },
          ]
        : [],
    ),
})

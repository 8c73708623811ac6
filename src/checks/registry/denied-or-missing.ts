import { registryHost } from '../../settings/plan/logins.ts'
import { failureCheck } from '../failure-check.ts'

export default failureCheck({
  id: 'denied-or-missing',
  title: 'the image can be pulled without a login, or a login is configured',
  fault: 'Login required: without credentials it is unknown whether the image is private or does not exist.',
  advice:
    'Set username and password (from_secret) of an account that may pull it, or make the package public.',
  // A catalog that may not be read is reported by catalog-inaccessible.
  unless: ({ source }) => source === 'catalog',
  explained: (host, { username, registry }) =>
    username === undefined || registry === undefined
      ? {}
      : {
          because: `The login of username and password is for ${registryHost(registry)}, and the image is at ${registryHost(host)}.`,
          advice: `If the login is for ${registryHost(host)}, set “registry: ${registryHost(host)}”; otherwise add a login for it to logins.`,
        },
})

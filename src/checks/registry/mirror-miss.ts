import { failureCheck } from '../failure-check.ts'

export default failureCheck({
  id: 'mirror-miss',
  title: 'the mirror has the image, or gets it from its upstream',
  fault:
    'Mirror miss: the pull-through cache answers 404, as it does for every failure of its upstream; whether the image exists is unknown.',
  advice:
    'Check the log of the mirror for the answer of its upstream: it may lack the image, be down, refuse the login of the mirror, or limit its pulls.',
})

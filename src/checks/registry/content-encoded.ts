import { quirkCheck } from '../quirk-check.ts'

export default quirkCheck({
  id: 'content-encoded',
  quirk: 'content-encoded',
  title: 'responses are not compressed unless requested',
  fault: 'Unrequested compression: responses have a Content-Encoding that the request did not allow.',
  advice:
    'Turn off compression for the registry in the reverse proxy in front of it; some clients fail on it.',
})

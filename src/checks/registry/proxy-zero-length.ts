import { quirkCheck } from '../quirk-check.ts'

export default quirkCheck({
  id: 'proxy-zero-length',
  quirk: 'length-zero',
  title: 'HEAD reports the right length',
  fault: 'Wrong length in HEAD: blobs are reported as empty, but GET serves them in full.',
  advice:
    'Check the reverse proxy in front of the registry: it sets Content-Length: 0 in responses to HEAD, which breaks some clients.',
})

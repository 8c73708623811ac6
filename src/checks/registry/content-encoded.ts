import { quirkCheck } from '../quirk-check.ts'

export default quirkCheck({
  id: 'content-encoded',
  quirk: 'content-encoded',
  title: 'answers come as they are stored',
  fault: 'Answers come compressed, though nobody asked for it.',
  advice: 'Turn compression off for the registry in the proxy before it; some clients fail on it.',
})

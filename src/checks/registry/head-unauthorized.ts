import { quirkCheck } from '../quirk-check.ts'

export default quirkCheck({
  id: 'head-unauthorized',
  quirk: 'head-unauthorized',
  title: 'HEAD requires no more rights than GET',
  fault: 'HEAD denied: the registry refuses HEAD but serves GET with the same login; GET was used instead.',
  advice: 'No action needed for this step; ECR Public behaves like this for blobs (containers-roadmap#2671).',
})

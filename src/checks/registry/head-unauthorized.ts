import { quirkCheck } from '../quirk-check.ts'

export default quirkCheck({
  id: 'head-unauthorized',
  quirk: 'head-unauthorized',
  title: 'HEAD needs no more rights than GET',
  fault: 'The registry refuses HEAD and answers GET with the same login; GET was used instead.',
  advice: 'Nothing to do for this step; ECR Public does so for blobs (containers-roadmap#2671).',
})

/** Where a run is started and its log is read. Each CI treats a log in its own way: see `src/log/render.ts`. */
export const ciPlatforms = ['plain', 'woodpecker', 'forgejo', 'gitea', 'github'] as const
export type CiPlatform = (typeof ciPlatforms)[number]

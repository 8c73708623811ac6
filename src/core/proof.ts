/** How far a blob can be proven, weakest first. */
export const proofs = ['listed', 'opened', 'last-byte', 'whole'] as const
/** How a blob was proven; nothing more is claimed. */
export type Proof = (typeof proofs)[number]

/** The words for one kind of proof. */
interface ProofWords {
  /** Of a blob. */
  one: string
  /** Of every blob of an image. */
  all: string
  /** What it shows. */
  means: string
}

/**
 * The words for how far blobs were proven: every log, the verdict, the report's schema, the settings and README use these.
 * `sampled` is about an image of which only that layer was read, `unpacked` about layers that are also read and hashed.
 */
export const proofWords = {
  listed: {
    one: 'listed',
    all: 'every blob listed, contents not read',
    means: 'the registry says that it has the blob, with the right length',
  },
  opened: {
    one: 'opened, end not proven',
    all: 'every blob opened, ends not proven',
    means: 'the registry began to send the blob; it ignores range requests, so its end was not requested',
  },
  'last-byte': {
    one: 'last byte served',
    all: 'last byte of every blob served, contents not read',
    means: 'the storage holds the blob to its end',
  },
  sampled: {
    one: 'largest layer read and hashed',
    all: 'last byte of every blob served, largest layer read and hashed',
    means: 'also, one large body passed every proxy on the way',
  },
  whole: {
    one: 'read and hashed',
    all: 'every byte read and hashed',
    means: 'the blob has the right length and digest',
  },
  unpacked: {
    one: 'unpacked and matched',
    all: 'every byte read and hashed, every layer unpacked and matched',
    means: 'the layer also unpacks, to the content that the configuration states',
  },
} satisfies Record<Proof | 'sampled' | 'unpacked', ProofWords>

/* What several parts of a result are made of. */
import { z } from 'zod'

export const fraction = z.number().min(0).max(1)
export const count = z.int().min(0)
/** Of one run, or the mean of several that differ in their seed. */
export const meanCount = z.number().min(0)

export const ttlSchema = z
  .enum(['none', 'constant', 'recorded'])
  .describe('none: entries live for ever; constant: all equally long; recorded: as the trace’s requests say')
export const ttlSecondsSchema = z
  .number()
  .nullable()
  .describe(
    'time to live of every entry, or of those whose requests say none where it is recorded; null: for ever',
  )
/** Only where a sweep has several TTLs. */
export const gridTtl = { ttl: ttlSchema.optional(), ttlSeconds: ttlSecondsSchema.optional() }

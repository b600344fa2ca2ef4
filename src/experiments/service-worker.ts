/*
 * A thread of `cachesim simulate`: it is given plays of a service, one at a time.
 */

import { checkScenario } from './scenario.ts'
import { type PlayInput, play } from './service-play.ts'
import type { ServiceOutcome } from './service-run.ts'
import { answerTasks } from './thread-side.ts'

/** A play as it can be sent: with the scenario as it is written, because what is made of it draws numbers. */
export interface PlayTask extends PlayInput {
  readonly plain: unknown
}

answerTasks<PlayTask, ServiceOutcome>(({ plain, ...input }, onProgress) =>
  play(checkScenario(plain).settings!, input, {}, onProgress),
)

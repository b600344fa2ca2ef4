import { type AdmissionDraft, completeAdmission } from '../core/admission.ts'
import { admitting, type Chosen } from '../core/admitting.ts'
import { InputError } from '../core/errors.ts'
import { checkOptions } from '../core/options.ts'
import { type Parameters, resolveParameters } from '../core/parameters.ts'
import type { PolicyDefinition } from '../core/policy.ts'
import { chooseAdmission } from '../experiments/admission.ts'
import { choosePolicy } from '../experiments/policies.ts'
import { CHECK_OPTIONS, type CheckPolicyOptions, examine } from './check-policy.ts'

/** Policies that a filter is tried with: one that is simple, and one that draws lots and names its victims in advance. */
const POLICIES = ['lru', 'random']

/**
 * Holds an admission filter to the contract, in front of policies of cachesim, over the same small random caches as
 * `checkPolicy`.
 *
 * - `admit` and `prefers` answer true or false, whatever they are asked, and no method throws.
 * - The same requests get the same answers, alone as beside another instance: no state is shared, no chance is drawn but
 *   from `context.random`.
 * - The cache never holds more than its capacity, and what the policy gives up is resident: nothing that the filter does
 *   to the trace's columns or to `context` spoils that.
 * - On plain reads nothing hits more often than the bound.
 *
 * @param filter a definition, or a text as on the command line: `tinylfu`, `max-size(64KiB)`
 * @returns a promise that resolves where all holds
 * @throws Error that shows the smallest scenario found in which it does not, with every request and every call
 * @throws InputError where the filter or the options are none
 */
export async function checkAdmission<P extends Parameters>(
  filter: string | AdmissionDraft<P>,
  options: CheckPolicyOptions = {},
): Promise<void> {
  checkOptions('checkAdmission()', options, CHECK_OPTIONS)
  const chosen = choose(filter, options)
  for (const policy of POLICIES)
    await examine(askedOnce(admitting(choosePolicy(policy), [chosen])), {}, options)
}

/** A filter that weighs by chance is asked of each victim once: nobody looks at the victim first. */
function askedOnce(definition: PolicyDefinition): PolicyDefinition {
  return {
    ...definition,
    create: (context, parameters) =>
      Object.defineProperty(definition.create(context, parameters), 'victim', { value: undefined }),
  }
}

function choose<P extends Parameters>(
  filter: string | AdmissionDraft<P>,
  { parameters }: CheckPolicyOptions,
): Chosen<ReturnType<typeof chooseAdmission>['definition']> {
  if (typeof filter === 'string') {
    if (parameters === undefined) return chooseAdmission(filter)
    throw new InputError(
      `checkAdmission() is given '${filter}' and parameters: write the settings of a text in brackets`,
    )
  }
  const chosen = chooseAdmission(completeAdmission(filter, 'checkAdmission()') as unknown as AdmissionDraft)
  const { text, definition } = chosen
  return {
    ...chosen,
    parameters: resolveParameters(definition.parameters, parameters ?? {}, `admission filter '${text}'`),
  }
}

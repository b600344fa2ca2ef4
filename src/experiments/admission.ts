import { admissions } from '../admissions/index.ts'
import { type AdmissionDefinition, type AdmissionDraft, completeAdmission } from '../core/admission.ts'
import type { Chosen } from '../core/admitting.ts'
import { InputError } from '../core/errors.ts'
import { either, text } from '../core/options.ts'
import { parseSpec, resolveParameters } from '../core/parameters.ts'
import { describePolicyBehind } from './meant-part.ts'

/** A definition of an admission filter, or its name with settings, such as `max-size(64KiB)`. */
export type AdmissionChoice = string | AdmissionDefinition | AdmissionDraft

/** The same, for callers without types. */
export const ADMISSION_OPTION = either(text('tinylfu'), {
  mustBe: 'a filter of defineAdmission()',
  holds: (value) => typeof value === 'object' && value !== null && 'create' in value && !('bound' in value),
})

/**
 * One admission filter, by name with settings or as a definition with its defaults.
 * @throws InputError for a name or a setting that does not exist
 */
export function chooseAdmission(choice: AdmissionChoice): Chosen<AdmissionDefinition> {
  if (typeof choice !== 'string') {
    const definition: AdmissionDefinition = completeAdmission(choice, 'the admission filter')
    const { name: text, parameters } = definition
    return { text, definition, parameters: resolveParameters(parameters, {}, text) }
  }
  const { name, arguments: given } = parseSpec(choice, firstSetting)
  const mistake = admissions.has(name) ? undefined : describePolicyBehind(name)
  if (mistake !== undefined) throw new InputError(mistake)
  const definition = admissions.get(name)
  const parameters = resolveParameters(definition.parameters, given, `admission filter '${name}'`)
  return { text: choice.replaceAll(/\s+/g, ''), definition, parameters }
}

function firstSetting(name: string): string | undefined {
  return admissions.has(name) ? Object.keys(admissions.get(name).parameters)[0] : undefined
}

import { InputError } from '../core/errors.ts'
import type { Path } from './yaml-settings.ts'

/** A mistake in a setting that only shows when the requests are known: who has the file says the line. */
export class SettingError extends InputError {
  readonly path: Path

  constructor(message: string, path: Path) {
    super(message)
    this.path = path
  }
}

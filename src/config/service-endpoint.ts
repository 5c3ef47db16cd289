import { EksTokenError } from '../errors.ts'
import { redactValue } from '../redact.ts'
import type { Environment } from '../runtime.ts'
import { withNativeSeparators } from '../shown-path.ts'
import { type SharedFiles, stringValue } from './profiles.ts'
import type { SelectedProfile } from './selected-profile.ts'

/**
 * AWS_ENDPOINT_URL_STS, AWS_ENDPOINT_URL, the profile's `services` section, the profile's endpoint_url, in this order.
 *
 * @param service - its name in a `services` section, e.g. `sso_oidc`
 */
export function configuredEndpoint(
  service: string,
  env: Environment,
  profile: SelectedProfile,
  files: SharedFiles,
): string | undefined {
  const fromEnvironment = env[`AWS_ENDPOINT_URL_${service.toUpperCase()}`] || env.AWS_ENDPOINT_URL
  if (fromEnvironment) return fromEnvironment
  const services = stringValue(profile.section, 'services', profile.name)
  if (services !== undefined) {
    const section = files.services.get(services)
    if (!section?.size) {
      throw new EksTokenError(
        'ERR_SETTING',
        `The profile is configured to use the services section but the "${redactValue(services)}" services configuration does not exist.`,
        {
          remedy: `add [services ${redactValue(services)}] to ${withNativeSeparators(files.configPath)}, or remove services from profile ${profile.name}`,
          missing: { kind: 'services', name: services, setting: `services in profile ${profile.name}` },
        },
      )
    }
    const serviceSection = section.get(service)
    if (typeof serviceSection === 'string') {
      throw new EksTokenError(
        'ERR_SETTING',
        `${service} in [services ${redactValue(services)}] is a value: expected a nested section`,
        { remedy: `write endpoint_url on an indented line below "${service} ="` },
      )
    }
    const url = serviceSection?.get('endpoint_url')
    if (url) return url
  }
  return stringValue(profile.section, 'endpoint_url', profile.name) || undefined
}

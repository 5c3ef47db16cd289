import { describe, expect, test } from 'vitest'
import { type CredentialOptions, createToken } from '../../../src/create-token.ts'
import { runtimeWith } from '../../support/runtime.ts'

const CONFIG = '/home/u/.aws/config'
const CREDENTIALS = '/home/u/.aws/credentials'

async function errorFor(
  files: { config?: string; credentials?: string },
  options: CredentialOptions = { profile: 'dev' },
  env: Record<string, string> = {},
) {
  const texts = {
    ...(files.config === undefined ? {} : { [CONFIG]: files.config }),
    ...(files.credentials === undefined ? {} : { [CREDENTIALS]: files.credentials }),
  }
  const token = createToken(
    { clusterName: 'demo', region: 'us-east-1', ...options },
    runtimeWith({ files: texts, env }),
  )
  const error = await token.then(
    () => undefined,
    (thrown) => thrown,
  )
  return `${error?.message}\nhint: ${error?.remedy}`
}

const NAMED = { profile: 'My Account:ReadOnly' }

describe('a section header that the AWS CLI does not read as that of the profile is named with its line', () => {
  test.each<[string, string, CredentialOptions, string, string]>([
    ['no prefix', '[dev]', {}, 'does not have the form [profile NAME]', '[profile dev]'],
    ['upper case', '[Profile dev]', {}, 'does not begin with "profile" in lower case', '[profile dev]'],
    ['all upper case', '[PROFILE dev]', {}, 'does not begin with "profile" in lower case', '[profile dev]'],
    ['a no-break space', '[profile\u00a0dev]', {}, 'contains a no-break space', '[profile dev]'],
    ['a space without a width', '[profile dev\u200b]', {}, 'another invisible character', '[profile dev]'],
    ['a colon', '[profile:dev]', {}, 'does not have the form', '[profile dev]'],
    ['an equals sign', '[profile=dev]', {}, 'does not have the form', '[profile dev]'],
    ['a hyphen', '[profile-dev]', {}, 'does not have the form', '[profile dev]'],
    ['no space', '[profiledev]', {}, 'does not have the form', '[profile dev]'],
    ['quotes around all', '["profile dev"]', {}, 'does not have the form', '[profile dev]'],
    ['spaces', '[profile My Account:ReadOnly]', NAMED, 'without quotes', '[profile "My Account:ReadOnly"]'],
    ['no prefix, spaces', '[My Account:ReadOnly]', NAMED, 'does not have', '[profile "My Account:ReadOnly"]'],
    ['an apostrophe', "[profile bob's]", { profile: "bob's" }, 'has an unclosed quote', `[profile "bob's"]`],
    ['an unclosed quote', '[profile "dev]', {}, 'has an unclosed quote', '[profile dev]'],
    ['UTF-16', '[\0d\0e\0v\0]', {}, 'the file is UTF-16', '[profile dev]'],
  ])('%s: %s', async (_title, header, options, fact, correct) => {
    const text = await errorFor(
      { config: `[default]\nregion = x\n${header}\nregion = y\n` },
      { profile: 'dev', ...options },
    )
    expect(text).toContain(`in ${CONFIG}, line 3, `)
    expect(text).toContain(fact)
    expect(text).toContain(`hint: change the section header to ${correct}`)
    const mended = await errorFor({ config: `${correct}\nregion = y\n` }, { profile: 'dev', ...options })
    expect(mended).toContain('Unable to locate credentials')
  })
  test.each(['[profile dev]', '[Profile dev]'])('in the credentials file: %s', async (header) => {
    const text = await errorFor({ credentials: `${header}\naws_access_key_id = x\n` })
    expect(text).toContain(`the section header ${header} in ${CREDENTIALS}, line 1, uses the syntax of the config file`)
    expect(text).toContain(`hint: change ${header} to [dev]`)
  })
  test('as a source profile', async () => {
    const config = '[profile dev]\nrole_arn = r\nsource_profile = base\n[Profile base]\n'
    const text = await errorFor({ config })
    expect(text).toMatch(
      /^The source_profile "base" referenced in the profile "dev" does not exist: the section header \[Profile base\]/,
    )
    expect(text).toContain('hint: change the section header to [profile base]')
  })
  test.each(['[sso_session corp]', '[SSO-Session corp]', '[sso session corp]', '[corp]', '[sso-session  corp x]'])(
    'an sso-session: %s',
    async (header) => {
      const keys = 'sso_start_url = https://x\nsso_region = us-east-1\n'
      const profile = '[profile dev]\nsso_session = corp\nsso_account_id = 1\nsso_role_name = r\n'
      const text = await errorFor({ config: `${profile}${header}\n${keys}` })
      if (header.endsWith('x]')) expect(text).toContain('hint: add [sso-session corp]')
      else expect(text).toContain('hint: change the section header to [sso-session corp]')
    },
  )
})

describe('a similar name is suggested', () => {
  const files = {
    config: '[profile prod]\n[profile staging]\n[sso-session corp]\nsso_region = x\n[services local]\nsts =\n',
  }
  test.each<[string, CredentialOptions, Record<string, string>, string]>([
    ['--profile', { profile: 'prdo' }, {}, 'did you mean prod? Correct --profile'],
    ['AWS_PROFILE', {}, { AWS_PROFILE: 'Staging' }, 'did you mean staging? Correct AWS_PROFILE'],
    ['AWS_DEFAULT_PROFILE', {}, { AWS_DEFAULT_PROFILE: 'stagin' }, 'did you mean staging? Correct AWS_DEFAULT_PROFILE'],
    ['a blank', {}, { AWS_PROFILE: 'prod ' }, 'remove them from AWS_PROFILE: prod'],
    ['quotes', {}, { AWS_PROFILE: '"prod"' }, 'remove them from AWS_PROFILE: prod'],
    ['none similar', { profile: 'qa' }, {}, 'set --profile to one of: prod, staging'],
    ['empty', {}, { AWS_PROFILE: '' }, 'unset AWS_PROFILE, or set AWS_PROFILE to one of: prod, staging'],
  ])('%s', async (_title, options, env, hint) => {
    const text = await errorFor(files, { ...options }, env)
    expect(text).toContain(`hint: ${hint}`)
  })
  test.each([
    ['source_profile = prd', 'did you mean prod? Correct source_profile in profile dev'],
    ['source_profile = devv', 'set source_profile in profile dev to one of: prod, staging'],
    ['source_profile = qa', 'set source_profile in profile dev to one of: '],
    ['sso_session = crop', 'did you mean corp? Correct sso_session in profile dev'],
    ['services = locl', 'did you mean local? Correct services in profile dev'],
  ])('%s', async (setting, hint) => {
    const text = await errorFor({ config: `[profile dev]\nrole_arn = r\n${setting}\n${files.config}` })
    expect(text).toContain(`hint: ${hint}`)
  })
})

test('a name with one error is more similar than a part of the name', async () => {
  const text = await errorFor({ config: '[profile prod]\n[profile prod-eu]\n' }, { profile: 'prodeu' })
  expect(text).toContain('hint: did you mean prod-eu? Correct --profile')
})

test.each(['AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE'])('%s that does not exist is the reason', async (name) => {
  const text = await errorFor({}, { profile: 'dev' }, { [name]: '/nonexistent/file' })
  expect(text).toContain(`: /nonexistent/file (${name}) does not exist\nhint: correct ${name}, or unset it`)
})

describe('without any profile, the message names the files, and the hint how to create one', () => {
  test.each<[string, { config?: string; credentials?: string }, Record<string, string>, string]>([
    ['no files', {}, {}, `neither ${CONFIG} nor ${CREDENTIALS} exists`],
    ['an empty config file', { config: '' }, {}, `${CONFIG} is empty`],
    [
      'only other sections',
      { config: '[plugins]\n' },
      {},
      `${CONFIG} contains no profiles, and ${CREDENTIALS} does not exist`,
    ],
    ['a moved config file', {}, { AWS_CONFIG_FILE: '/x' }, '/x (AWS_CONFIG_FILE) does not exist'],
    ['an empty variable', {}, { AWS_CONFIG_FILE: '' }, 'AWS_CONFIG_FILE is set, but empty'],
  ])('%s', async (_title, files, env, fact) => {
    expect(await errorFor(files, { profile: 'dev' }, env)).toContain(`it is set by --profile: ${fact}`)
  })
  test('the hint quotes the name for the shell', async () => {
    const text = await errorFor({}, { profile: 'my team' })
    expect(text).toContain("hint: create it with one of: eks-get-token login --profile 'my team' (AWS console)")
    expect(text).toContain(", aws configure sso --profile 'my team' (IAM Identity Center)")
  })
})

describe('a region in an invalid form names its setting, and the region that was meant', () => {
  test.each<[string, CredentialOptions, Record<string, string>, string, string | undefined]>([
    ['an option', { region: 'us_west_2' }, {}, '--region', 'us-west-2'],
    ['a variable', { region: undefined }, { AWS_REGION: 'us_west_2' }, 'AWS_REGION', 'us-west-2'],
    [
      'the older variable',
      { region: undefined },
      { AWS_DEFAULT_REGION: 'us west 2' },
      'AWS_DEFAULT_REGION',
      'us-west-2',
    ],
    ['the profile', { region: undefined, profile: 'prod' }, {}, 'region of profile prod', 'eu-west-1'],
    [
      'the extension of a cluster',
      { region: 'us_west_2', regionSource: "region in the cluster's extension" },
      {},
      "region in the cluster's extension",
      'us-west-2',
    ],
    ['a blank', { region: 'eu-west-1 ' }, {}, '--region', 'eu-west-1'],
    ['an endpoint', { region: 'eu-central-1.amazonaws.com' }, {}, '--region', 'eu-central-1'],
    ['no similar region', { region: '123456789' }, {}, '--region', undefined],
  ])('%s', async (_title, options, env, setting, meant) => {
    const text = await errorFor({ config: '[profile prod]\nregion = eu_west_1\n' }, { ...options }, env)
    expect(text).toContain(`doesn't match a supported format; it is set by ${setting}\n`)
    expect(text).toContain(meant ? `hint: did you mean ${meant}? Correct ${setting}` : `: correct ${setting}`)
  })
})

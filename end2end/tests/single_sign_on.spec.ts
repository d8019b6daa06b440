// People sign in at the company's own OpenID provider: here an independent one, which can be made to lie.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Page } from '@playwright/test';
import { Claims, Provider } from './support/open_id';
import { picture } from './support/picture';
import { setUp } from './support/set_up';
import { startStack, Stack } from './support/stack';
import { expect, test } from './support/test';

test.setTimeout(180_000);

let provider: Provider;
let company: Stack;
let folder: string;

test.beforeAll(async () => {
  provider = await Provider.start();
  folder = mkdtempSync(path.join(tmpdir(), 'candilever-e2e-'));
  const file = path.join(folder, 'providers.json');
  writeFileSync(path.join(folder, 'secret'), 'hush-hush\n');
  const one = {
    id: 'halden',
    name: 'Halden ID',
    issuer: provider.issuer,
    client_id: 'candilever',
    client_secret_file: 'secret',
    domains: ['halden.example'],
    organization: 'Halden Instruments',
  };
  writeFileSync(file, JSON.stringify([one]));
  company = await startStack({ CANDILEVER_SIGN_IN_PROVIDERS: file });
});

test.afterAll(async () => {
  await company.stop();
  await provider.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Tries to sign in; the browser ends at our page or at the sign-in page. */
async function signsIn(page: Page, to = '/candidates') {
  await page.goto(`${company.candilever}${to}`);
  await page.getByRole('link', { name: 'Sign in with Halden ID' }).click();
}

async function isNobody(page: Page, said: string) {
  await expect(page.getByRole('heading', { level: 1, name: 'Sign in' })).toBeVisible();
  await expect(page.getByText(said)).toBeVisible();
  await page.goto(`${company.candilever}/candidates`);
  await expect(page.getByRole('heading', { level: 1, name: 'Sign in' })).toBeVisible();
}

test('somebody is found by their address once and by who they are from then on', async ({ page, browser }) => {
  provider.vouchesFor('sub-nora', 'Nora@halden.example');
  await signsIn(page);
  await expect(page.getByRole('heading', { level: 1, name: 'Candidates' })).toBeVisible();
  await page.goto(`${company.candilever}/account`);
  await expect(page.getByRole('main').getByText('nora@halden.example')).toBeVisible();

  await test.step('another address at the provider, and still the same person', async () => {
    provider.vouchesFor('sub-nora', 'nora.lindqvist@elsewhere.example');
    const again = await (await browser.newContext()).newPage();
    await signsIn(again, '/account');
    await expect(again.getByRole('main').getByText('nora@halden.example')).toBeVisible();
    await again.context().close();
  });

  await test.step('somebody else who gets her old address is not her', async () => {
    provider.vouchesFor('sub-other', 'nora@halden.example');
    const other = await (await browser.newContext()).newPage();
    await signsIn(other);
    await isNobody(other, 'You have no access here.');
    await other.context().close();
  });
});

test('what the provider must not say, and what it says to others, signs nobody in', async ({ browser }) => {
  const hour = 3600;
  const now = Math.floor(Date.now() / 1000);
  const lies: [string, Claims, string][] = [
    ['another nonce', { nonce: 'a-guess' }, 'The answer of the sign-in does not hold.'],
    ['another audience', { aud: 'somebody-else' }, 'The answer of the sign-in does not hold.'],
    ['an old token', { iat: now - 2 * hour, exp: now - hour }, 'The answer of the sign-in does not hold.'],
    ['another issuer', { iss: 'https://id.evil.example' }, 'The answer of the sign-in does not hold.'],
    ['an address that it does not vouch for', { email_verified: false }, 'does not say that the e-mail address is yours'],
    ['an address that is not its to vouch for', { email: 'nora@evil.example' }, 'does not say that the e-mail address is yours'],
    ['no address', { email: undefined }, 'does not say that the e-mail address is yours'],
    ['somebody who has no access', { email: 'nobody@halden.example' }, 'You have no access here.'],
  ];
  for (const [what, claims, said] of lies) {
    await test.step(what, async () => {
      provider.vouchesFor(`sub-${what}`, 'tomas@halden.example', claims);
      const page = await (await browser.newContext()).newPage();
      await signsIn(page);
      await isNobody(page, said);
      await page.context().close();
    });
  }
});

test('an answer counts once, in the browser that asked', async ({ page, browser }) => {
  provider.vouchesFor('sub-tomas', 'tomas@halden.example');
  const answers: string[] = [];
  page.on('request', (request) => {
    if (request.url().includes('/oidc/halden/callback')) answers.push(request.url());
  });
  await signsIn(page);
  await expect(page.getByRole('heading', { level: 1, name: 'Candidates' })).toBeVisible();
  expect(page.url()).not.toContain('code=');
  expect(answers).toHaveLength(1);

  const again = await (await browser.newContext()).newPage();
  await again.goto(answers[0]);
  await isNobody(again, 'This sign-in is over.');
  await again.context().close();
  await page.goto(answers[0]);
  await expect(page.getByText('This sign-in is over.')).toBeVisible();

  await test.step('the password that the account had works no more', async () => {
    const theirs = await (await browser.newContext()).newPage();
    await theirs.goto(`${company.candilever}/sign-in`);
    await theirs.getByLabel('E-mail').fill('tomas@halden.example');
    await theirs.getByLabel('Password').fill(company.password);
    await theirs.getByRole('button', { name: 'Sign in', exact: true }).click();
    await expect(theirs.getByText('E-mail or password is not right.')).toBeVisible();
    await theirs.context().close();
  });

  await test.step('a state of another sign-in is refused', async () => {
    const third = await (await browser.newContext()).newPage();
    const leads = async (from: string) =>
      (await third.request.get(from, { maxRedirects: 0 })).headers()['location'] ?? '';
    const answer = new URL(await leads(await leads(`${company.candilever}/oidc/halden?next=/candidates`)));
    expect(answer.pathname).toBe('/oidc/halden/callback');
    answer.searchParams.set('state', 'a-guess');
    await third.goto(answer.href);
    await isNobody(third, 'This sign-in is over.');
    await third.context().close();
  });
});

test('passwords are switched off for everybody but who set it up', async ({ page, browser }) => {
  await page.goto(company.signInLink);
  await page.goto(`${company.candilever}/settings/team`);
  const ways = page.getByRole('region', { name: 'How people sign in' });
  await expect(ways).toContainText('Halden ID');
  await picture(page, 'team-ways');
  const passwords = ways.getByRole('checkbox', { name: 'A password will do too' });
  const save = async () => {
    const saved = page.waitForResponse(/choose_passwords/);
    await ways.getByRole('button', { name: 'Save' }).click();
    await saved;
  };
  await passwords.uncheck();
  await save();
  const withPassword = async (email: string) => {
    const theirs = await (await browser.newContext()).newPage();
    await theirs.goto(`${company.candilever}/sign-in`);
    await picture(theirs, 'sign-in-with');
    await theirs.getByLabel('E-mail').fill(email);
    await theirs.getByLabel('Password').fill(company.password);
    await theirs.getByRole('button', { name: 'Sign in', exact: true }).click();
    return theirs;
  };
  const priya = await withPassword('priya@halden.example');
  await expect(priya.getByText('E-mail or password is not right.')).toBeVisible();
  const nora = await withPassword('nora@halden.example');
  await expect(nora.getByRole('heading', { level: 1, name: 'Dashboard' })).toBeVisible();
  await page.reload();
  await expect(passwords).not.toBeChecked();
  await passwords.check();
  await save();
  const again = await withPassword('priya@halden.example');
  await expect(again.getByRole('heading', { level: 1, name: 'Dashboard' })).toBeVisible();
  for (const theirs of [priya, nora, again]) await theirs.context().close();
});

test('whom Lever knows comes in with the role from Lever, and whom it does not know does not', async ({ page, browser }) => {
  await setUp(page, company);
  provider.vouchesFor('sub-jonas', 'jonas@halden.example', { name: 'Jonas Keller' });
  const jonas = await (await browser.newContext()).newPage();
  await signsIn(jonas);
  await expect(jonas.getByRole('heading', { level: 1, name: 'Candidates' })).toBeVisible();
  await page.goto(`${company.candilever}/settings/team`);
  await expect(page.getByRole('row', { name: 'Jonas Keller' })).toContainText('from Lever');
  await jonas.context().close();
  provider.vouchesFor('sub-lucy', 'lucy@halden.example', { name: 'Lucy Hart' });
  const lucy = await (await browser.newContext()).newPage();
  await signsIn(lucy);
  await isNobody(lucy, 'You have no access here.');
  await lucy.context().close();
});

test('whoever was invited comes in by the company sign-in', async ({ page, browser }) => {
  await page.goto(company.signInLink);
  await page.goto(`${company.candilever}/settings/team`);
  await page.getByLabel('E-mail').fill('ines@halden.example');
  await page.getByLabel('Role', { exact: true }).selectOption({ label: 'Team Member' });
  await page.getByRole('button', { name: 'Make an invitation' }).click();
  await expect(page.getByLabel('Link for ines@halden.example')).toBeVisible();
  provider.vouchesFor('sub-ines', 'ines@halden.example', { name: 'Ines Blum' });
  const ines = await (await browser.newContext()).newPage();
  await signsIn(ines);
  await expect(ines.getByRole('heading', { level: 1, name: 'Candidates' })).toBeVisible();
  await expect(page.getByRole('row', { name: 'Ines Blum' })).toContainText('Team Member');
  await expect(page.getByLabel('Link for ines@halden.example')).toHaveCount(0);
  await ines.context().close();
});

// Two OpenID providers at one installation: each speaks for its own people, and neither's answer counts at the other.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Browser, Page } from '@playwright/test';
import { Provider } from './support/open_id';
import { startStack, Stack } from './support/stack';
import { expect, test } from './support/test';

test.setTimeout(120_000);

let halden: Provider;
let fjord: Provider;
let company: Stack;
let folder: string;

test.beforeAll(async () => {
  [halden, fjord] = await Promise.all([Provider.start(), Provider.start()]);
  folder = mkdtempSync(path.join(tmpdir(), 'candilever-e2e-'));
  writeFileSync(path.join(folder, 'secret'), 'hush-hush\n');
  const one = (id: string, name: string, provider: Provider, domain: string) => ({
    id,
    name,
    issuer: provider.issuer,
    client_id: 'candilever',
    client_secret_file: 'secret',
    domains: [domain],
    organization: 'Halden Instruments',
  });
  const both = [one('halden', 'Halden ID', halden, 'halden.example'), one('fjord', 'Fjord ID', fjord, 'fjord.example')];
  const file = path.join(folder, 'providers.json');
  writeFileSync(file, JSON.stringify(both));
  company = await startStack({ CANDILEVER_SIGN_IN_PROVIDERS: file });
});

test.afterAll(async () => {
  await company.stop();
  await Promise.all([halden.stop(), fjord.stop()]);
  rmSync(folder, { recursive: true, force: true });
});

async function inAnotherBrowser(browser: Browser, act: (page: Page) => Promise<void>) {
  const page = await (await browser.newContext()).newPage();
  await act(page);
  await page.context().close();
}

/** Tries to sign in at this provider. */
async function signsIn(page: Page, at: string) {
  await page.goto(`${company.candilever}/candidates`);
  await page.getByRole('link', { name: `Sign in with ${at}` }).click();
}

async function isNobody(page: Page, said: string) {
  await expect(page.getByRole('heading', { level: 1, name: 'Sign in' })).toBeVisible();
  await expect(page.getByText(said)).toBeVisible();
}

test('each speaks for its own people only', async ({ page, browser }) => {
  halden.vouchesFor('sub-1', 'nora@halden.example');
  await signsIn(page, 'Halden ID');
  await expect(page.getByRole('heading', { level: 1, name: 'Candidates' })).toBeVisible();

  await test.step('an address of the other one is not its to vouch for', async () => {
    fjord.vouchesFor('sub-2', 'tomas@halden.example');
    await inAnotherBrowser(browser, async (other) => {
      await signsIn(other, 'Fjord ID');
      await isNobody(other, 'does not say that the e-mail address is yours');
    });
  });

  await test.step('whoever has the same number there is somebody else', async () => {
    fjord.vouchesFor('sub-1', 'someone@fjord.example');
    await inAnotherBrowser(browser, async (other) => {
      await signsIn(other, 'Fjord ID');
      await isNobody(other, 'You have no access here.');
    });
  });
});

test("an answer of one does not count at the other's address", async ({ browser }) => {
  halden.vouchesFor('sub-1', 'nora@halden.example');
  await inAnotherBrowser(browser, async (page) => {
    const leads = async (from: string) => (await page.request.get(from, { maxRedirects: 0 })).headers()['location'] ?? '';
    const answer = new URL(await leads(await leads(`${company.candilever}/oidc/halden?next=/candidates`)));
    expect(answer.pathname).toBe('/oidc/halden/callback');
    await page.goto(`${company.candilever}/oidc/fjord/callback${answer.search}`);
    await isNobody(page, 'This sign-in is over.');
    // Nor does it count at its own after that: it was used.
    await page.goto(answer.href);
    await isNobody(page, 'This sign-in is over.');
  });
});

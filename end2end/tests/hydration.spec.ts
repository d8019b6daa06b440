// The pages come alive in the browser: nothing in the console, clicks handled without a page load, and
// the Content Security Policy on throughout.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Page } from '@playwright/test';
import { Candilever } from './support/candilever';
import { Canditech } from './support/canditech';
import { Lever } from './support/lever';
import { applies } from './support/people';
import { comesAlive, isSamePage, mark } from './support/same_page';
import { setUp } from './support/set_up';
import { expect, test } from './support/test';

test.setTimeout(240_000);

/** What is in the table of pages for who is not signed in; where a link's own token belongs, with one that never was. */
const OUTSIDE = ['/sign-in', '/sign-in/code', '/set-up/:token', '/invitation/:token', '/forgotten', '/new-password/:token'];

/** The addresses of all pages, as the table of pages has them: a page that is added there is tried here. */
function routes(): string[] {
  const table = readFileSync(path.resolve(__dirname, '../../app/src/route.rs'), 'utf8');
  const found = [...table.matchAll(/path!\("\/?([^"]*)"\)/g)].map(([, route]) => `/${route}`);
  expect(found, 'the table of pages has those of who is not signed in').toEqual(expect.arrayContaining(OUTSIDE));
  return [...new Set(found)];
}

async function opens(page: Page, address: string) {
  const answer = await page.goto(address);
  expect(answer?.status()).toBe(200);
  expect(answer?.headers()['content-security-policy']).toContain("default-src 'none'");
}

/** Keeps the page from coming alive until the answer is called. */
async function holdPrograms(page: Page): Promise<() => void> {
  let come = () => {};
  const may = new Promise<void>((resolve) => (come = resolve));
  await page.route('**/*.wasm', async (route) => {
    await may;
    await route.continue();
  });
  return () => come();
}

/** The frame's links are handled by the router once the page is live. */
async function navigatesWithoutLoad(page: Page) {
  await expect(async () => {
    await mark(page);
    await page.getByRole('navigation').first().getByRole('link', { name: 'Candidates' }).click();
    await expect(page).toHaveURL(/\/candidates$/, { timeout: 2000 });
    expect(await isSamePage(page)).toBe(true);
  }).toPass();
}

test('every page of a Super Admin hydrates with an empty console and a strict policy', async ({ page, request, stack }) => {
  const candilever = await setUp(page, stack);
  await applies(request, stack, { name: 'Maya Chen', email: 'maya@mail.example' });
  await candilever.waitForRow('Maya Chen', 'Sent');
  const invite = await page.getByRole('link', { name: 'Maya Chen' }).getAttribute('href');
  await candilever.openLeverPage();
  const attachment = await page.getByRole('link', { name: 'Edit', exact: true }).getAttribute('href');
  const known: Record<string, string | null> = {
    '/candidates/:invite': invite,
    '/settings/integrations/lever/attachments/:id': attachment,
  };
  for (const route of routes().filter((route) => !OUTSIDE.includes(route))) {
    await test.step(route, async () => {
      const address = known[route] ?? route;
      expect(address, 'what stands for the rest of the address has to be said above').not.toContain(':');
      await opens(page, `${stack.candilever}${address}`);
      await navigatesWithoutLoad(page);
    });
  }
  await candilever.openCandidates();
});

test('every page of who is not signed in hydrates with an empty console', async ({ page, stack }) => {
  await page.goto(stack.signInLink);
  const invitation = await new Candilever(page, stack).invite('ines@halden.example', 'Team Member');
  await page.context().clearCookies();
  for (const route of OUTSIDE) {
    await test.step(route, async () => {
      await opens(page, `${stack.candilever}${route.replace(':token', 'made-up')}`);
      await comesAlive(page);
    });
  }
  await test.step('an invitation that is open', async () => {
    await opens(page, invitation);
    await expect(page.getByRole('button', { name: 'Join' })).toBeVisible();
    await comesAlive(page);
  });
});

test('seven tabs of Candidates at once, thumbs live in each', async ({ page, context, stack }) => {
  const candilever = await setUp(page, stack);
  const lever = new Lever(await context.newPage(), stack.lever);
  const canditech = new Canditech(await context.newPage(), stack.canditech);
  await lever.addCandidate('Ines Costa', 'ines@mail.example', 'Python Developer');
  await lever.moveTo('Canditech Stage');
  await expect(async () => expect(await canditech.mailsTo('ines@mail.example')).toBe(1)).toPass();
  await canditech.followMail('ines@mail.example');
  await canditech.takeTest();
  // A hidden tab is told of nothing: it shows what was so when it was opened.
  await candilever.waitForRow('Ines Costa', 'Completed');

  const tabs: Page[] = [];
  for (let n = 0; n < 7; n += 1) {
    const tab = await context.newPage();
    // Every tab of an automated browser calls itself visible; a hidden one closes its stream.
    await tab.addInitScript((hidden) => {
      Object.defineProperty(document, 'visibilityState', { get: () => (hidden ? 'hidden' : 'visible') });
    }, n < 6);
    await tab.goto(`${stack.candilever}/candidates`);
    await expect(tab.getByRole('row').filter({ hasText: 'Ines Costa' })).toContainText('Completed');
    tabs.push(tab);
  }
  const last = tabs[6];
  const row = last.getByRole('row').filter({ hasText: 'Ines Costa' });
  await mark(last);
  await row.getByRole('button', { name: /Thumbs up/ }).click();
  await expect(row).toContainText(/passed/i);
  expect(await isSamePage(last)).toBe(true);
  await candilever.openCandidate('Ines Costa');
  await expect(page.getByText(/passed/i).first()).toBeVisible();
});

test('a filter that was chosen before the page could hear of it filters as soon as it can', async ({ page, request, stack }) => {
  const candilever = await setUp(page, stack);
  await applies(request, stack, { name: 'Maya Chen', email: 'maya@mail.example' });
  await candilever.waitForRow('Maya Chen', 'Sent');
  for (const [list, choice, address] of [['Verdict', 'Passed', /verdict=passed/], ['Position', 'Python Developer', /position=/]] as const) {
    const come = await holdPrograms(page);
    await page.goto(`${stack.candilever}/candidates`);
    await page.getByRole('combobox', { name: list }).selectOption({ label: choice });
    come();
    await expect(page).toHaveURL(address);
    await expect(page.getByRole('combobox', { name: list }).getByRole('option', { selected: true })).toHaveText(choice);
  }
});

test('Back that was pressed before the page could hear of it leads back, and the filters follow', async ({ page, stack }) => {
  await setUp(page, stack);
  await page.goto(`${stack.candilever}/candidates`);
  const [search, verdict] = [page.getByRole('searchbox', { name: /^Search/ }), page.getByRole('combobox', { name: 'Verdict' })];
  await expect(async () => {
    await verdict.selectOption({ label: 'Failed' });
    await expect(page).toHaveURL(/candidates\?verdict=failed$/, { timeout: 2000 });
  }).toPass();
  await search.fill('maya');
  await verdict.selectOption({ label: 'Passed' });
  await expect(page).toHaveURL(/verdict=passed&q=maya/);
  const come = await holdPrograms(page);
  await page.reload();
  await page.goBack();
  come();
  await expect(search).toHaveValue('');
  await expect(verdict).toHaveValue('failed');
  await navigatesWithoutLoad(page);
  await page.goBack();
  await expect(page).toHaveURL(/candidates\?verdict=failed$/);
});

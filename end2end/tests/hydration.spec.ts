// The pages come alive in the browser: nothing in the console, clicks handled without a page load, and
// the Content Security Policy on throughout.
import { Page } from '@playwright/test';
import { Canditech } from './support/canditech';
import { Lever } from './support/lever';
import { setUp } from './support/set_up';
import { expect, test } from './support/test';

test.setTimeout(240_000);

const PAGES = [
  '/',
  '/candidates',
  '/settings/integrations',
  '/settings/integrations/lever',
  '/settings/integrations/lever/attach',
  '/settings/integrations/canditech',
  '/settings/team',
  '/activity',
];

/** A mark that a full page load would wipe out. */
async function mark(page: Page) {
  await page.evaluate(() => Object.assign(window, { stillTheSamePage: true }));
}

async function isSamePage(page: Page): Promise<boolean> {
  return page.evaluate(() => 'stillTheSamePage' in window);
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

test('every page hydrates with an empty console and a strict policy', async ({ page, stack }) => {
  const candilever = await setUp(page, stack);
  for (const path of PAGES) {
    await test.step(path, async () => {
      const answer = await page.goto(`${stack.candilever}${path}`);
      expect(answer?.headers()['content-security-policy']).toContain("default-src 'none'");
      await navigatesWithoutLoad(page);
    });
  }
  await candilever.openCandidates();
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

test('a filter that was chosen before the page could hear of it filters as soon as it can', async ({ page, stack }) => {
  await setUp(page, stack);
  let come = () => {};
  const may = new Promise<void>((resolve) => (come = resolve));
  await page.route('**/*.wasm', async (route) => {
    await may;
    await route.continue();
  });
  await page.goto(`${stack.candilever}/candidates`);
  await page.getByRole('combobox', { name: 'Verdict' }).selectOption({ label: 'Passed' });
  come();
  await expect(page).toHaveURL(/verdict=passed/);
  await expect(page.getByRole('combobox', { name: 'Verdict' })).toHaveValue('passed');
});

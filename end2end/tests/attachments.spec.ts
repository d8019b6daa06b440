// An attachment after the wizard: changed to another assessment, removed, and one that is for any position.
import { Page } from '@playwright/test';
import { Candilever } from './support/candilever';
import { Canditech } from './support/canditech';
import { applies, completes, isNoted } from './support/people';
import { setUp } from './support/set_up';
import { Stack } from './support/stack';
import { expect, test } from './support/test';

test.setTimeout(240_000);

const MAYA = { name: 'Maya Chen', email: 'maya@mail.example' };
const RAVI = { name: 'Ravi Patel', email: 'ravi@mail.example' };
const INES = { name: 'Ines Costa', email: 'ines@mail.example' };
const RUTH = { name: 'Ruth Adler', email: 'ruth@mail.example', posting: 'Data Analyst' };
const DAY_MS = 86_400_000;

/** What a browser with JavaScript and one without have to do alike. */
async function walk(page: Page, candilever: Candilever, stack: Stack) {
  const { request } = page.context();
  const canditech = new Canditech(await page.context().newPage(), stack.canditech);
  const attachment = page.getByRole('region', { name: 'This attachment' });
  const mayas = await applies(request, stack, MAYA);
  await candilever.waitForRow(MAYA.name, /Python, 60 min.*Sent/);

  await test.step('another assessment: who enters from now on gets it, who has one keeps it', async () => {
    await candilever.openLeverPage();
    await page.getByRole('link', { name: 'Edit', exact: true }).click();
    await expect(attachment).toContainText('send Python, 60 min.');
    const before = page.url();
    await page.getByRole('combobox', { name: 'Assessment' }).selectOption({ label: 'English, 20 min' });
    await page.getByLabel('Days to complete').fill('9');
    await page.getByRole('button', { name: 'Save' }).click();
    await expect(page.getByText('Saved. It counts for candidates who enter the stage from now on.')).toBeVisible();
    await expect(attachment).toContainText('send English, 20 min.');
    await expect(attachment).toContainText('9 days to complete');
    expect(new URL(page.url()).pathname, 'an attachment of its own').not.toBe(new URL(before).pathname);
    await applies(request, stack, RAVI);
    await candilever.waitForRow(RAVI.name, /English, 20 min.*Sent/);
    await expect(candilever.row(MAYA.name)).toHaveCount(1);
    await expect(candilever.row(MAYA.name)).toContainText('Python, 60 min');
    await candilever.openCandidate(RAVI.name);
    const time = (of: string) => page.getByRole('term').filter({ hasText: of }).locator('..').getByRole('time').getAttribute('datetime');
    const [sent, expires] = [await time('Sent'), await time('Expires')];
    expect(Math.round((Date.parse(expires ?? '') - Date.parse(sent ?? '')) / DAY_MS)).toBe(9);
  });

  await test.step('Remove asks first, and is left', async () => {
    await candilever.openLeverPage();
    await page.getByRole('link', { name: 'Remove', exact: true }).click();
    const question = page.getByRole('region', { name: 'Remove this attachment?' });
    await expect(question).toContainText('Invites that went out stay');
    await question.getByRole('link', { name: 'Keep it' }).click();
    await expect(question).toHaveCount(0);
    await expect(attachment).toContainText('Active');
  });

  await test.step('removed: it is no longer listed', async () => {
    await page.getByRole('region', { name: 'Remove' }).getByRole('link', { name: 'Remove' }).click();
    const question = page.getByRole('region', { name: 'Remove this attachment?' });
    await question.getByRole('button', { name: 'Remove' }).click();
    await expect(page.getByText('The attachment was removed.', { exact: false })).toBeVisible();
    await expect(page.getByText('Nothing is attached yet')).toBeVisible();
  });

  await test.step('who enters the stage afterwards gets nothing', async () => {
    await applies(request, stack, INES);
    await expect(async () => {
      await page.goto(`${stack.candilever}/activity`);
      const newest = page.getByRole('region', { name: 'What came in' }).getByRole('listitem').filter({ hasText: 'changed stage' });
      await expect(newest.first()).toContainText('No attachment on this stage', { timeout: 500 });
    }).toPass();
    await candilever.openCandidates();
    await expect(page.getByText('2 invites', { exact: true })).toBeVisible();
    expect(await canditech.mailsTo(INES.email)).toBe(0);
  });

  await test.step('what was sent before still gets its result, here and in Lever', async () => {
    await completes(request, stack, MAYA.email);
    await candilever.waitForRow(MAYA.name, 'Completed');
    await isNoted(request, stack, mayas, 'Score: 87/100');
    expect(await canditech.mailsTo(MAYA.email)).toBe(1);
  });
}

test('an attachment is changed and removed, for who enters from then on', async ({ page, stack }) => {
  await walk(page, await setUp(page, stack), stack);
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });

  test('an attachment is changed and removed by plain links and forms', async ({ page, stack }) => {
    await walk(page, await setUp(page, stack), stack);
  });
});

test('any position: whoever enters the stage, but who has a position with an attachment of its own', async ({ page, stack }) => {
  const { request } = page.context();
  const candilever = await setUp(page, stack);
  await candilever.attach('Any position', 'Canditech Stage', 'English, 20 min');
  await candilever.openLeverPage();
  const sentence = 'When a candidate for any position enters Canditech Stage, send English, 20 min.';
  await expect(page.getByRole('listitem').filter({ hasText: sentence }).first()).toContainText('Active');
  for (const person of [RUTH, MAYA]) await applies(request, stack, person);
  await candilever.waitForRow(RUTH.name, /Data Analyst.*English, 20 min.*Sent/);
  await candilever.waitForRow(MAYA.name, /Python Developer.*Python, 60 min.*Sent/);
  await expect(page.getByText('2 invites', { exact: true })).toBeVisible();
});

// An assessment that changes at Canditech after it was attached: its attachment says so in words, with what to
// do, on the Lever page, on its own page and on the dashboard.
import { Page } from '@playwright/test';
import { Candilever } from './support/candilever';
import { post } from './support/people';
import { NARROW, picture } from './support/picture';
import { setUp } from './support/set_up';
import { Stack } from './support/stack';
import { expect, test } from './support/test';

test.setTimeout(240_000);

const CHANGES = [
  { change: 'archive', what: 'the assessment was archived at Canditech' },
  { change: 'unpublish', what: 'the assessment is not published at Canditech' },
  { change: 'delete', what: 'the assessment is no longer at Canditech' },
];

/** Something changes at Canditech, and its list is read anew. */
async function atCanditech(page: Page, stack: Stack, change: string, data = {}) {
  await post(page.request, `${stack.canditech}/sandbox/assessments/as_python/${change}`, data);
  await page.goto(`${stack.candilever}/settings/integrations/canditech`);
  await page.getByRole('button', { name: 'Save and test' }).click();
  await expect(page.getByText(/key was accepted/i).first()).toBeVisible();
}

async function walk(page: Page, candilever: Candilever, stack: Stack) {
  await test.step('renamed: the new name is shown', async () => {
    await atCanditech(page, stack, 'rename', { name: 'Python, advanced' });
    await candilever.openLeverPage();
    await expect(page.getByRole('listitem').filter({ hasText: 'Python, advanced' }).first()).toContainText('Active');
  });
  for (const { change, what } of CHANGES) {
    await test.step(change, async () => {
      await atCanditech(page, stack, change);
      await candilever.openLeverPage();
      const line = page.getByRole('listitem').filter({ hasText: 'Python, advanced' }).first();
      await expect(line).toContainText('Sends nothing');
      await expect(line).toContainText(what);
      await expect(line).toContainText('Whoever enters the stage gets nothing.');
      await picture(page, `not-offered-lever-${change}`, NARROW);
      await page.goto(stack.candilever);
      const needs = page.getByRole('listitem').filter({ hasText: 'An attachment sends nothing' });
      await expect(needs).toContainText(`Python, advanced: ${what}.`);
      await picture(page, `not-offered-dashboard-${change}`, NARROW);
      await needs.getByRole('link', { name: /^Change the assessment/ }).click();
      await expect(page.getByRole('region', { name: 'This attachment' })).toContainText(what);
      await expect(page.getByRole('combobox', { name: 'Assessment' }).getByRole('option', { selected: true })).toHaveText('Python, advanced');
    });
  }
  await test.step('another is chosen, and nothing needs anybody', async () => {
    await page.getByRole('combobox', { name: 'Assessment' }).selectOption({ label: 'Data analysis, 45 min' });
    await page.getByRole('button', { name: 'Save' }).click();
    await expect(page.getByText('Saved.', { exact: false })).toBeVisible();
    await page.goto(stack.candilever);
    await expect(page.getByText('An attachment sends nothing')).toHaveCount(0);
  });
}

test('what Canditech no longer offers is flagged where it is attached', async ({ page, stack }) => {
  const candilever = await setUp(page, stack);
  // The dashboard shows what needs somebody once a first invite went out.
  const { opportunity } = await post(page.request, `${stack.lever}/sandbox/candidates`, {
    name: 'Maya Chen', email: 'maya@mail.example', posting: 'Python Developer',
  });
  await post(page.request, `${stack.lever}/sandbox/move`, { opportunity, stage: 'Canditech Stage' });
  await candilever.waitForRow('Maya Chen', 'Sent');
  await walk(page, candilever, stack);
});

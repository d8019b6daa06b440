// For how long candidates are kept, as a Super Admin chooses it, and the receipt of whoever was erased.
import { Page } from '@playwright/test';
import { Candilever } from './support/candilever';
import { Lever } from './support/lever';
import { picture } from './support/picture';
import { setUp } from './support/set_up';
import { expect, test } from './support/test';

test.setTimeout(240_000);

async function choose(page: Page, candilever: Candilever, months: string, says: string) {
  await candilever.openLeverPage();
  const section = page.getByRole('region', { name: 'How long candidates are kept' });
  await section.getByRole('combobox', { name: 'Keep candidates' }).selectOption(months);
  await section.getByRole('button', { name: 'Save how long' }).click();
  await expect(section).toContainText(says);
}

test('a Super Admin chooses how long candidates are kept, and takes it back', async ({ page, stack }) => {
  const candilever = await setUp(page, stack);
  await candilever.openLeverPage();
  const section = page.getByRole('region', { name: 'How long candidates are kept' });
  await expect(section).toContainText('Candidates are kept until they are erased in Lever.');
  await expect(section).toContainText('Our note stays in Lever');
  await choose(page, candilever, '12', 'Candidates are kept for 12 months after the last change');
  await page.reload();
  await expect(page.getByRole('combobox', { name: 'Keep candidates' })).toHaveValue('12');
  await picture(page, 'lever-retention');
  await choose(page, candilever, '0', 'Candidates are kept until they are erased in Lever.');
  await page.goto(`${stack.candilever}/settings/audit`);
  const log = page.getByRole('main');
  await expect(log).toContainText('chose how long candidates are kept');
  await expect(log).toContainText('until erased in Lever');
});

test('an erased candidate has a receipt that says what became of the note and at Canditech', async ({ page, context, stack }) => {
  const candilever = await setUp(page, stack);
  const lever = new Lever(await context.newPage(), stack.lever);
  await lever.addCandidate('Maya Chen', 'maya@mail.example', 'Python Developer');
  await lever.moveTo('Canditech Stage');
  await candilever.waitForRow('Maya Chen', 'Sent');
  await candilever.openCandidate('Maya Chen');
  await expect(page.getByRole('region', { name: 'Receipt of the erasure' })).toHaveCount(0);
  await lever.anonymize();
  await lever.moveTo('Offer');
  const receipt = page.getByRole('region', { name: 'Receipt of the erasure' });
  await expect(async () => {
    await page.reload();
    await expect(receipt).toContainText('Deletion asked for and accepted', { timeout: 500 });
  }).toPass();
  await expect(page.getByRole('heading', { name: 'Anonymised candidate', level: 1 })).toBeVisible();
  await expect(receipt).toContainText('The candidate was anonymised in Lever.');
  await expect(receipt).toContainText('There was none');
  await expect(page.getByRole('region', { name: 'Note in Lever' })).toContainText('nothing more is written');
  await expect(page.getByRole('main')).not.toContainText('maya@mail.example');
  await picture(page, 'candidate-erased');
});

/** A Super Admin is asked on the candidate's page, keeps the candidate once, and has them erased. */
async function eraseOnRequest(page: Page, candilever: Candilever, look = async () => {}) {
  await candilever.waitForRow('Maya Chen', 'Sent');
  await candilever.openCandidate('Maya Chen');
  await page.getByRole('link', { name: 'Erase this candidate' }).click();
  const question = page.getByRole('group', { name: 'Erase this candidate?' });
  await expect(question).toContainText('It cannot be taken back.');
  await question.getByRole('link', { name: 'Keep this candidate' }).click();
  await expect(question).toHaveCount(0);
  await page.getByRole('link', { name: 'Erase this candidate' }).click();
  await look();
  await question.getByRole('button', { name: 'Erase this candidate' }).click();
  await expect(page.getByRole('heading', { name: 'Anonymised candidate', level: 1 })).toBeVisible();
  const receipt = page.getByRole('region', { name: 'Receipt of the erasure' });
  await expect(receipt).toContainText('A Super Admin had the candidate erased.');
  await expect(page.getByRole('link', { name: 'Erase this candidate' })).toHaveCount(0);
  await expect(page.getByRole('main')).not.toContainText('maya@mail.example');
}

async function mayaIsMoved(lever: Lever) {
  await lever.addCandidate('Maya Chen', 'maya@mail.example', 'Python Developer');
  await lever.moveTo('Canditech Stage');
}

test('a candidate who asks for it is erased from their page, here, in Lever and at Canditech', async ({ page, context, stack }) => {
  const candilever = await setUp(page, stack);
  const inLever = await context.newPage();
  const lever = new Lever(inLever, stack.lever);
  await mayaIsMoved(lever);
  await eraseOnRequest(page, candilever, () => picture(page, 'candidate-erase'));
  const receipt = page.getByRole('region', { name: 'Receipt of the erasure' });
  await expect(async () => {
    await page.reload();
    await expect(receipt).toContainText('Deletion asked for and accepted', { timeout: 500 });
  }).toPass();
  await lever.openNotes('Maya Chen');
  await expect(inLever.getByRole('article')).toHaveCount(0);
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });

  test('how long is chosen by a plain form', async ({ page, stack }) => {
    const candilever = await setUp(page, stack);
    await choose(page, candilever, '6', 'Candidates are kept for 6 months after the last change');
  });

  test('a candidate is erased by plain links and forms', async ({ page, context, stack }) => {
    const candilever = await setUp(page, stack);
    await mayaIsMoved(new Lever(await context.newPage(), stack.lever));
    await eraseOnRequest(page, candilever);
  });
});

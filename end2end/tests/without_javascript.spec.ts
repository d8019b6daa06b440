// Every step of the article works by links and forms alone: JavaScript and WASM off.
import { Candilever, SUCCESS } from './support/candilever';
import { Canditech } from './support/canditech';
import { Lever } from './support/lever';
import { expect, test } from './support/test';

test.use({ javaScriptEnabled: false });
test.setTimeout(240_000);

test('connect, attach and judge with JavaScript off', async ({ page, context, stack }) => {
  const candilever = new Candilever(page, stack);
  const lever = new Lever(await context.newPage(), stack.lever);
  const canditech = new Canditech(await context.newPage(), stack.canditech);
  await lever.addStage('Canditech Stage');
  await candilever.signIn();
  await candilever.connect();
  await candilever.saveCanditech();
  await expect(page.getByText(/key was accepted/i).first()).toBeVisible();
  await candilever.handOverCallbackSecret();

  await test.step('the wizard: search, choose, Back keeps what was chosen, reload keeps the step', async () => {
    await candilever.openLeverPage();
    await page.getByRole('link', { name: 'Attach Assessment to Stage' }).first().click();
    await page.getByLabel('Search positions').fill('python');
    await page.getByRole('button', { name: 'Search' }).click();
    await expect(page.getByRole('radio', { name: /^Software Engineer/ })).toHaveCount(0);
    await candilever.choose('Python Developer');
    await expect(page.getByRole('group', { name: 'When they enter which stage?' })).toBeVisible();
    await page.reload();
    await page.getByRole('link', { name: 'Back' }).click();
    await expect(page.getByRole('radio', { name: /^Python Developer/ }).first()).toBeChecked();
    await page.getByRole('button', { name: 'Next' }).click();
    await candilever.choose('Canditech Stage');
    await candilever.choose('Python, 60 min');
    await expect(page.getByText(SUCCESS)).toBeVisible();
  });

  await test.step('a candidate is moved, takes the test, and gets a verdict by a plain form', async () => {
    await lever.addCandidate('Ravi Patel', 'ravi@mail.example', 'Python Developer');
    await lever.moveTo('Canditech Stage');
    await expect(async () => {
      await candilever.openCandidates();
      await expect(candilever.row('Ravi Patel')).toContainText('Sent', { timeout: 500 });
    }).toPass();
    await canditech.followMail('ravi@mail.example');
    await canditech.takeTest();
    await expect(async () => {
      await candilever.openCandidate('Ravi Patel');
      await expect(page.getByRole('button', { name: 'Thumbs up' }).first()).toBeVisible({ timeout: 500 });
    }).toPass();
    await page.getByLabel('Comment (optional)').fill('Clear and careful work');
    await candilever.give('Thumbs up');
    await expect(page.getByText(/passed/i).first()).toBeVisible();
    await expect(page.getByText('Clear and careful work').first()).toBeVisible();
  });
});

// A signature token that was saved by hand is forgotten, after a question, and the audit log says so.
import { Page } from '@playwright/test';
import { picture } from './support/picture';
import { setUp } from './support/set_up';
import { expect, test } from './support/test';

async function savesOne(page: Page, address: string) {
  await page.goto(`${address}/settings/integrations/lever`);
  const webhook = page.getByRole('region', { name: 'Webhook' });
  await page.getByRole('textbox', { name: 'Signature token', exact: true }).fill('a token of Lever’s');
  await page.getByRole('button', { name: 'Save signature token' }).click();
  await expect(webhook).toContainText('Saved by hand');
  return webhook;
}

async function forgetsIt(page: Page) {
  await page.getByRole('link', { name: 'Forget this token' }).click();
  const question = page.getByRole('group', { name: 'Forget this signature token?' });
  await expect(question).toContainText('Saved by hand (Nora Lindqvist');
  return question;
}

test('a Super Admin has a signature token forgotten, after a question', async ({ page, stack }) => {
  await setUp(page, stack);
  const webhook = await savesOne(page, stack.candilever);
  await test.step('the question can be answered with no', async () => {
    const question = await forgetsIt(page);
    await picture(page, 'forget-signature-token');
    await question.getByRole('link', { name: 'Keep the token' }).click();
    await expect(question).toHaveCount(0);
    await expect(webhook).toContainText('Saved by hand');
  });
  await test.step('and with yes', async () => {
    const question = await forgetsIt(page);
    await question.getByRole('button', { name: 'Forget the token' }).click();
    await expect(webhook).toContainText('The signature token is forgotten.');
    await expect(question).toHaveCount(0);
    await expect(webhook).not.toContainText('Saved by hand');
    await expect(webhook).toContainText('Created by Candilever');
    await expect(page.getByRole('link', { name: 'Forget this token' })).toHaveCount(0);
  });
  await page.goto(`${stack.candilever}/settings/audit`);
  await expect(page.getByRole('main')).toContainText('had a signature token forgotten');
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });

  test('a signature token is forgotten by a plain form', async ({ page, stack }) => {
    await setUp(page, stack);
    const webhook = await savesOne(page, stack.candilever);
    const question = await forgetsIt(page);
    await question.getByRole('button', { name: 'Forget the token' }).click();
    await expect(webhook).toContainText('The signature token is forgotten.');
    await expect(webhook).not.toContainText('Saved by hand');
  });
});

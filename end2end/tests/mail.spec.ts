// What goes out by mail and by webhook: another password by a link, invitations, the choices, the organization's own
// systems. The mails are read where the stand-in for a mail server shows them.
import { createServer, IncomingMessage, Server, ServerResponse } from 'node:http';
import { AddressInfo } from 'node:net';
import { Browser, Page } from '@playwright/test';
import { signIn } from './support/people';
import { picture } from './support/picture';
import { startStack, Stack } from './support/stack';
import { expect, test } from './support/test';

test.setTimeout(180_000);

const PRIYA = 'priya@halden.example';
const NEW = 'another long password';

async function visit(browser: Browser, address: string): Promise<Page> {
  const page = await (await browser.newContext()).newPage();
  await page.goto(address);
  return page;
}

/** The link of ours in the newest mail with this subject, as somebody finds it who reads their mail. */
async function linkInMail(browser: Browser, stack: Stack, subject: string): Promise<string> {
  const mailbox = await visit(browser, stack.post);
  await expect(mailbox.getByText(subject).first()).toBeVisible();
  const link = mailbox.getByRole('link', { name: new RegExp(`^${stack.candilever}`) }).first();
  const address = (await link.getAttribute('href')) ?? '';
  await mailbox.context().close();
  return address;
}

async function asksForALink(page: Page, email: string) {
  await page.getByRole('link', { name: 'Password forgotten?' }).click();
  // The page before has a field of that name too.
  await expect(page.getByRole('heading', { level: 1, name: 'Choose another password' })).toBeVisible();
  await page.getByLabel('E-mail').fill(email);
  await page.getByRole('button', { name: 'Mail me a link' }).click();
  await expect(page.getByText('Look into your mailbox')).toBeVisible();
}

test('a forgotten password is replaced by a link in a mail', async ({ page, browser, stack }) => {
  const before = await signIn(browser, stack, PRIYA);
  await test.step('the answer is the same for who is known and who is not', async () => {
    for (const email of ['nobody@halden.example', PRIYA]) {
      await page.goto(`${stack.candilever}/sign-in`);
      await asksForALink(page, email);
    }
    await picture(page, 'forgotten-asked');
    await page.goto(`${stack.candilever}/forgotten`);
    await picture(page, 'forgotten');
  });
  const link = await linkInMail(browser, stack, 'Choose another password');
  await test.step('a short one is refused, a long one is taken', async () => {
    await page.goto(link);
    await picture(page, 'new-password');
    await page.getByLabel('New password').evaluate((field: HTMLInputElement) => field.removeAttribute('minlength'));
    await page.getByLabel('New password').fill('short');
    await page.getByRole('button', { name: 'Use this password' }).click();
    await expect(page.getByText('The password is too short or too easy to guess')).toBeVisible();
    await page.getByLabel('New password').fill(NEW);
    await page.getByRole('button', { name: 'Use this password' }).click();
    await expect(page.getByText('Your password is changed.')).toBeVisible();
  });
  await test.step('she signs in with it, and is signed out where she was', async () => {
    await page.getByLabel('E-mail').fill(PRIYA);
    await page.getByLabel('Password').fill(NEW);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'Dashboard' })).toBeVisible();
    await before.page.goto(`${stack.candilever}/account`);
    await expect(before.page.getByRole('heading', { level: 1, name: 'Sign in' })).toBeVisible();
    await before.leave();
  });
  await test.step('the link works once', async () => {
    const again = await visit(browser, link);
    await expect(again.getByText('This link works no more')).toBeVisible();
    await picture(again, 'new-password-closed');
    await again.getByRole('link', { name: 'Ask for another link' }).click();
    await expect(again.getByLabel('E-mail')).toBeVisible();
    await again.context().close();
  });
});

/** A system of the company's that hears what it is told. */
class System {
  told: string[] = [];
  answers = 204;
  private server: Server;

  private constructor() {
    this.server = createServer((request: IncomingMessage, response: ServerResponse) => {
      let body = '';
      request.on('data', (chunk) => (body += chunk));
      request.on('end', () => {
        this.told.push(body);
        response.writeHead(this.answers).end();
      });
    });
  }

  static async start(): Promise<System> {
    const system = new System();
    await new Promise<void>((ready) => system.server.listen(0, '127.0.0.1', ready));
    return system;
  }

  get host(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop() {
    this.server.closeAllConnections();
    this.server.close();
  }
}

test.describe('an installation that may tell a system of the company', () => {
  let system: System;
  let company: Stack;

  test.beforeAll(async () => {
    system = await System.start();
    company = await startStack({ CANDILEVER_WEBHOOK_HOSTS: system.host });
  });
  test.afterAll(async () => {
    await company.stop();
    system.stop();
  });

  test('a Super Admin sees to mail and to the webhook', async ({ page, browser }) => {
    await page.goto(company.signInLink);
    await page.goto(`${company.candilever}/settings/integrations`);
    await page.getByRole('link', { name: 'Notifications' }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'Notifications' })).toBeVisible();
    await picture(page, 'notifications');

    await test.step('a test mail arrives', async () => {
      await page.getByRole('button', { name: 'Send me a test mail' }).click();
      await expect(page.getByText('The test mail is on its way')).toBeVisible();
      await linkInMail(browser, company, 'Mail from Candilever arrives');
    });
    await test.step('an invitation is mailed', async () => {
      await page.goto(`${company.candilever}/settings/team`);
      await page.getByLabel('E-mail').fill('ines@halden.example');
      await page.getByRole('button', { name: 'Make an invitation' }).click();
      const link = page.getByLabel('Link for ines@halden.example');
      await expect(link).toBeVisible();
      expect(await linkInMail(browser, company, 'You are invited to Candilever')).toBe(await link.inputValue());
    });
    await test.step('the choice is kept', async () => {
      await page.goto(`${company.candilever}/settings/notifications`);
      const digest = page.getByLabel('What needs attention, once a day');
      await expect(digest).toBeChecked();
      await digest.uncheck();
      await page.getByLabel('When a candidate whose opportunity you own').check();
      const saved = page.waitForResponse((answer) => answer.url().includes('/api/choose_mail'));
      await page.getByRole('button', { name: 'Save what is mailed' }).click();
      await saved;
      await page.reload();
      await expect(digest).not.toBeChecked();
      await expect(page.getByLabel('When a candidate whose opportunity you own')).toBeChecked();
    });
    await test.step('a host that is not listed is refused', async () => {
      await page.getByLabel('Address').fill('https://systems.example/hear');
      await page.getByRole('button', { name: 'Tell this address' }).click();
      await expect(page.getByText('This address cannot be used.')).toBeVisible();
    });
    await test.step('a listed one is told', async () => {
      await page.getByLabel('Address').fill(`http://${system.host}/hear`);
      await page.getByRole('button', { name: 'Tell this address' }).click();
      await expect(page.getByText('Nothing was told yet')).toBeVisible();
      await page.getByRole('button', { name: 'Send a test message' }).click();
      await expect(page.getByText('The last message was taken')).toBeVisible();
      expect(system.told.map((body) => JSON.parse(body).type)).toEqual(['test']);
      await picture(page, 'notifications-webhook');
    });
    await test.step('what it does not take is said', async () => {
      system.answers = 500;
      await page.getByRole('button', { name: 'Send a test message' }).click();
      await expect(page.getByText('The address takes no messages')).toBeVisible();
      await expect(page.getByText('it answered 500')).toBeVisible();
      await picture(page, 'notifications-failing');
      await page.getByRole('button', { name: 'Tell it nothing more' }).click();
      await expect(page.getByRole('button', { name: 'Send a test message' })).toHaveCount(0);
    });
  });

  test('a Team Member chooses for themselves and sees no more', async ({ browser }) => {
    const priya = await signIn(browser, company, 'priya@halden.example');
    await priya.page.goto(`${company.candilever}/settings/notifications`);
    await expect(priya.page.getByLabel('What needs attention, once a day')).not.toBeChecked();
    await expect(priya.page.getByRole('button', { name: 'Send me a test mail' })).toHaveCount(0);
    await expect(priya.page.getByRole('heading', { name: 'Webhook to your own systems' })).toHaveCount(0);
    expect(priya.complaints).toEqual([]);
    await priya.leave();
  });

  test('the choice and the test mail work with JavaScript off', async ({ browser }) => {
    const nora = await signIn(browser, company, 'nora@halden.example', { javaScriptEnabled: false });
    await nora.page.goto(`${company.candilever}/settings/notifications`);
    await nora.page.getByRole('button', { name: 'Send me a test mail' }).click();
    await expect(nora.page.getByText('The test mail is on its way')).toBeVisible();
    await nora.page.getByLabel('What needs attention, once a day').check();
    const saved = nora.page.waitForResponse((answer) => answer.url().includes('/api/choose_mail'));
    await nora.page.getByRole('button', { name: 'Save what is mailed' }).click();
    await saved;
    await nora.page.waitForURL('**/settings/notifications');
    await nora.page.reload();
    await expect(nora.page.getByLabel('What needs attention, once a day')).toBeChecked();
    await nora.leave();
  });
});

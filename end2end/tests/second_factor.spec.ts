// A second factor: set up with an app, asked for at sign-in, with a way back for who has lost the app.
import { createHmac } from 'node:crypto';
import { Browser, Page } from '@playwright/test';
import { signIn } from './support/people';
import { picture } from './support/picture';
import { Stack } from './support/stack';
import { expect, test } from './support/test';

test.setTimeout(180_000);

const PRIYA = { email: 'priya@halden.example', name: 'Priya Raman' };

/** The authenticator app on somebody's phone: RFC 6238, as all of them have it. */
class App {
  private bytes: Buffer;
  private told = 0;

  constructor(key: string) {
    const bits = [...key].map((sign) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(sign).toString(2).padStart(5, '0')).join('');
    this.bytes = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
  }

  /** A code that was not told before; the one to come is taken half a minute early, as a person's fast clock has it. */
  code(): string {
    const now = Math.floor(Date.now() / 30_000);
    this.told = Math.max(now - 1, this.told + 1);
    const counter = Buffer.alloc(8);
    counter.writeBigUInt64BE(BigInt(this.told));
    const hash = createHmac('sha1', this.bytes).update(counter).digest();
    const at = hash[19] & 15;
    return String((hash.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
  }
}

async function givesPassword(page: Page, stack: Stack) {
  await page.goto(`${stack.candilever}/sign-in?next=/candidates`);
  await page.getByLabel('E-mail').fill(PRIYA.email);
  await page.getByLabel('Password').fill(stack.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Your code' })).toBeVisible();
}

async function givesCode(page: Page, code: string) {
  await page.getByLabel('Code').fill(code);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

async function fresh(browser: Browser): Promise<Page> {
  return (await browser.newContext()).newPage();
}

for (const script of ['on', 'off'] as const) {
  test(`a code is asked for besides the password, scripts ${script}`, async ({ page, browser, stack }) => {
    const priya = await signIn(browser, stack, PRIYA.email, { javaScriptEnabled: script === 'on' });
    let codes: string[] = [];
    let app = new App('');
    await test.step('she sets it up', async () => {
      await priya.page.goto(`${stack.candilever}/account`);
      await priya.page.getByRole('button', { name: 'Set it up' }).click();
      await expect(priya.page.getByRole('img', { name: 'The key as a picture' })).toBeVisible();
      if (script === 'on') await picture(priya.page, 'account-second-factor-offered');
      app = new App(await priya.page.getByRole('textbox', { name: 'Key' }).inputValue());
      codes = await priya.page.locator('.codes code').allTextContents();
      expect(codes).toHaveLength(10);
      const panel = priya.page.getByRole('region', { name: 'Second factor' });
      const confirm = async (code: string, password: string) => {
        await panel.getByLabel('Code', { exact: true }).fill(code);
        await panel.getByLabel('Present password').fill(password);
        await panel.getByRole('button', { name: 'Turn it on' }).click();
      };
      await confirm('000000', stack.password);
      await expect(panel.getByText('This code is not right.')).toBeVisible();
      const code = app.code();
      await confirm(code, 'not the password');
      await expect(panel.getByText('Your present password is another.')).toBeVisible();
      await confirm(code, stack.password);
      await expect(priya.page.getByText('Signing in with your password asks for a code')).toBeVisible();
      await expect(priya.page.getByText(codes[0])).toHaveCount(0);
      if (script === 'on') await picture(priya.page, 'account-second-factor-on');
    });
    await test.step('the password alone opens nothing', async () => {
      const theirs = await fresh(browser);
      await givesPassword(theirs, stack);
      await theirs.goto(`${stack.candilever}/candidates`);
      await expect(theirs.getByRole('heading', { level: 1, name: 'Sign in' })).toBeVisible();
      await theirs.context().close();
    });
    await test.step('a wrong code is refused, the right one leads on', async () => {
      const theirs = await fresh(browser);
      await givesPassword(theirs, stack);
      if (script === 'on') await picture(theirs, 'sign-in-code');
      await givesCode(theirs, '000000');
      await expect(theirs.getByText('This code is not right.')).toBeVisible();
      await givesCode(theirs, app.code());
      await expect(theirs.getByRole('heading', { level: 1, name: 'Candidates' })).toBeVisible();
      await theirs.context().close();
    });
    await test.step('a recovery code works once', async () => {
      for (const works of [true, false]) {
        const theirs = await fresh(browser);
        await givesPassword(theirs, stack);
        await givesCode(theirs, codes[3]);
        const heading = works ? 'Candidates' : 'Your code';
        await expect(theirs.getByRole('heading', { level: 1, name: heading })).toBeVisible();
        await theirs.context().close();
      }
    });
    await test.step('a Super Admin turns it off for her, which signs her out', async () => {
      await page.goto(stack.signInLink);
      await page.goto(`${stack.candilever}/settings/team`);
      await page.getByRole('link', { name: PRIYA.name }).click();
      const box = page.getByRole('region', { name: PRIYA.name });
      await expect(box).toBeVisible();
      if (script === 'on') await picture(page, 'team-second-factor');
      await box.getByRole('button', { name: 'Turn the second factor off' }).click();
      await expect(box.getByRole('button', { name: 'Turn the second factor off' })).toHaveCount(0);
      await priya.page.goto(`${stack.candilever}/account`);
      await expect(priya.page.getByRole('heading', { level: 1, name: 'Sign in' })).toBeVisible();
    });
    await priya.leave();
    const again = await signIn(browser, stack, PRIYA.email);
    await expect(again.page.getByRole('heading', { level: 1, name: 'Dashboard' })).toBeVisible();
    await again.leave();
  });
}

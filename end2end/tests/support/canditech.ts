// What a candidate and a reviewer do in the stand-in Canditech, by role and name only.
import { expect, Page } from '@playwright/test';

export class Canditech {
  constructor(
    private readonly page: Page,
    private readonly url: string,
  ) {}

  /** Opens the newest e-mail to `address` and follows its link to the test. */
  async followMail(address: string) {
    await this.page.goto(`${this.url}/outbox`);
    await this.page.getByRole('link', { name: new RegExp(address.replace('.', '\\.')) }).first().click();
    await this.page.getByRole('link', { name: /\/test\// }).first().click();
  }

  async mailsTo(address: string): Promise<number> {
    await this.page.goto(`${this.url}/outbox`);
    return this.page.getByRole('link', { name: new RegExp(address.replace('.', '\\.')) }).count();
  }

  /** Takes the test, answering the first choice of every question. */
  async takeTest() {
    await this.page.getByRole('button', { name: 'Start assessment' }).click();
    for (const group of await this.page.getByRole('group').all()) {
      const choice = group.getByRole('radio').first();
      if (await choice.isVisible()) await choice.check();
    }
    for (const text of await this.page.getByRole('textbox').all()) await text.fill('I would measure first.');
    await this.page.getByRole('button', { name: 'Submit assessment' }).click();
    await expect(this.page.getByText(/Thank you/).first()).toBeVisible();
  }

  /** Gives the verdict on the report this page shows and waits until it is kept. */
  async give(verdict: 'Thumbs up' | 'Thumbs down') {
    const thumb = this.page.getByRole('button', { name: verdict });
    await thumb.click();
    await expect(thumb).toHaveAttribute('aria-pressed', 'true');
  }
}

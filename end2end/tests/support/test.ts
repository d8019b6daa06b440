// The test of this suite: every test gets a stack of its own and a guard on the console.
import { test as base, ConsoleMessage, expect, Page } from '@playwright/test';
import { startStack, Stack } from './stack';

export { expect };

interface Fixtures {
  stack: Stack;
  /** What the console said that it should not have; checked at the end of each test. */
  complaints: string[];
}

export const test = base.extend<Fixtures>({
  stack: async ({}, use) => {
    const stack = await startStack();
    await use(stack);
    await stack.stop();
  },
  complaints: [
    async ({ context, stack }, use) => {
      const complaints: string[] = [];
      context.on('page', (page) => listen(page, stack, complaints));
      await use(complaints);
      expect(complaints, 'the browser console of Candilever must be empty').toEqual([]);
    },
    { auto: true },
  ],
});

function listen(page: Page, stack: Stack, complaints: string[]) {
  const ours = () => page.url().startsWith(stack.candilever);
  page.on('console', (message) => {
    if (ours() && ['error', 'warning'].includes(message.type()) && !isAnsweredNotFound(message)) {
      complaints.push(`${page.url()}: ${message.text()}`);
    }
  });
  page.on('pageerror', (error) => {
    if (ours()) complaints.push(`${page.url()}: ${error.message}`);
  });
}

/** The browser itself logs the 404 of a page that is meant not to be there. */
function isAnsweredNotFound(message: ConsoleMessage): boolean {
  return message.text().includes('status of 404') && message.location().url.endsWith('/nowhere');
}

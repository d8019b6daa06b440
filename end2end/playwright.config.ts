// How the browser tests run. They start what they need themselves (`tests/support`): this file only says
// which browser, how long, and how many at a time.
//
// CHROMIUM_PATH   the browser, if it is neither Debian's headless shell nor its Chromium
// CANDILEVER_BIN  the program, if it is not target/debug/candilever
import { existsSync } from 'node:fs';
import { defineConfig } from '@playwright/test';

const browsers = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'];

const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export default defineConfig({
  testDir: 'tests',
  outputDir: 'test-results',
  reporter: 'list',
  // Each test has a stack of its own, so the files may run side by side; each waits now and then.
  workers: 3,
  fullyParallel: true,
  // A test that passes at the second attempt hides a fault.
  retries: 0,
  forbidOnly: Boolean(process.env.CI),
  timeout: 60_000,
  // What hangs fails here, at its own line, and not at the end of the whole test.
  expect: { timeout: 15_000, toPass: { timeout: 60_000 } },
  use: {
    browserName: 'chromium',
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
    actionTimeout: 20_000,
    navigationTimeout: 30_000,
    // A trace's pictures and copies of the page would cost a third of all the rest: of a test that fails the last
    // state of its page is kept, and `--trace on` keeps all of them.
    screenshot: 'only-on-failure',
    trace: { mode: 'retain-on-failure', screenshots: false, snapshots: false },
    launchOptions: { executablePath: process.env.CHROMIUM_PATH ?? browsers.find((path) => existsSync(path)), args: flags },
  },
});

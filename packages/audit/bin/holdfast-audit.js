#!/usr/bin/env node
// A file that exists before the first build: npm links what a `bin` names at install, and `dist` is made later.
import { run } from '../dist/cli/main.js';

process.exitCode = await run(process.argv.slice(2));

#!/usr/bin/env node
// Committed, because npm links a command when it installs, and that is before the first build.
import "../dist/cli.js";

#!/usr/bin/env node
import nodeModule from 'node:module';
import { tuneForStart } from './lib/tuning.ts';

tuneForStart();
// Node 22 has it, and 20 starts without. What is imported above it is compiled anew each time.
(nodeModule as { enableCompileCache?: () => void }).enableCompileCache?.();
await import('./serve.ts');
